enum DialectEnginePlaceholder {}
