/// Numbers in Prometheus' text form 0.0.4: one block for each metric, its help and type first.
struct MetricsPage {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    /// Writes a whole metric; values of labels in the order of the metric's own list.
    mutating func write(_ metric: Metric, _ samples: [(labels: [String], value: String)]) {
        begin(metric)
        for (labels, value) in samples { line(metric.rawValue, Array(zip(metric.labels, labels)), value) }
    }

    mutating func write(_ metric: Metric, _ value: Int) { write(metric, [([], String(value))]) }

    mutating func write(_ metric: Metric, _ value: Duration) { write(metric, [([], Self.seconds(value))]) }

    /// Without a value, only what it would be.
    mutating func write(_ metric: Metric, ifKnown value: Int?) { write(metric, value.map { [([], String($0))] } ?? []) }

    /// Writes a histogram; `counts` has one more than there are bounds.
    mutating func write(
        _ metric: Metric, bounds: [Duration], _ samples: [(labels: [String], counts: [Int], sum: Duration)]
    ) {
        begin(metric)
        for (values, counts, sum) in samples {
            let labels = Array(zip(metric.labels, values))
            var below = 0
            for (bound, count) in zip(bounds.map(Self.seconds) + ["+Inf"], counts) {
                below += count
                line(metric.rawValue + "_bucket", labels + [("le", bound)], String(below))
            }
            line(metric.rawValue + "_sum", labels, Self.seconds(sum))
            line(metric.rawValue + "_count", labels, String(below))
        }
    }

    private mutating func begin(_ metric: Metric) {
        text += "# HELP \(metric.rawValue) \(Self.escaped(metric.help, quotes: false))\n# TYPE \(metric.rawValue) \(metric.kind)\n"
    }

    private mutating func line(_ name: String, _ labels: [(name: String, value: String)], _ value: String) {
        text += name
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }.joined(separator: ",") + "}"
        }
        text += " \(value)\n"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// To the nanosecond, without zeros at the end.
    static func seconds(_ span: Duration) -> String {
        let nanoseconds = String(span.components.attoseconds / 1_000_000_000)
        let digits = String(repeating: "0", count: 9 - nanoseconds.count) + nanoseconds
        guard let last = digits.lastIndex(where: { $0 != "0" }) else { return String(span.components.seconds) }
        return "\(span.components.seconds).\(digits[...last])"
    }
}
