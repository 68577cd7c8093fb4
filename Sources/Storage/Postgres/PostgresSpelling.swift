/// Our subset of SQL in PostgreSQL's spelling.
enum PostgresSpelling {
    /// `?1` becomes `$1`; in definitions BLOB becomes BYTEA, and texts compare and sort by their bytes, as they do in SQLite.
    static func spell(_ sql: String) -> String {
        let numbered = sql.replacing("?", with: "$")
        guard sql.hasPrefix("CREATE TABLE") || sql.hasPrefix("ALTER TABLE") else { return numbered }
        var spelled = ""
        var word = ""
        for character in numbered + " " {
            if character.isLetter || character == "_" || character.isNumber {
                word.append(character)
                continue
            }
            spelled += types[word] ?? word
            spelled.append(character)
            word = ""
        }
        return String(spelled.dropLast())
    }

    private static let types = ["BLOB": "BYTEA", "TEXT": "TEXT COLLATE \"C\""]
}
