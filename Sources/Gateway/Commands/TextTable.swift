/// Rows in aligned columns; the last column is as wide as it likes.
///
/// A cell stays on its line and steers nothing, whoever chose its text.
struct TextTable {
    private var rows: [[String]] = []
    let indent: String

    init(indent: String = "") { self.indent = indent }

    mutating func add(_ cells: String...) { rows.append(cells.map { TerminalText.escaped($0) }) }

    var text: String {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        return rows.map { row in
            var line = indent
            for (column, cell) in row.enumerated() {
                line += cell
                if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
