import Identity

extension Languages {
    /// The language of a request: the first source that yields a supported one, else the standard.
    func chosen(for fields: inout RequestFields, locale: String?) -> String {
        for source in from {
            if let language = language(from: source, fields: &fields, locale: locale) { return language }
        }
        return standard
    }

    private func language(from source: Source, fields: inout RequestFields, locale: String?) -> String? {
        let written: String?
        switch source {
        case .header: written = fields.request.values("accept-language").joined(separator: ",")
        case .cookie: written = fields.cookie(name)
        case .query: written = fields.query().fields[name]?.string
        case .path: return locale
        }
        guard let written, !written.isEmpty else { return nil }
        return LanguageRanges(written)?.lookup(in: supported, standard: standard)
    }
}
