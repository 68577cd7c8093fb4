import Testing

/// Prometheus' text form 0.0.4, read more strictly than Prometheus does: what is odd is an error.
struct MetricsReading {
    struct Fault: Error, CustomStringConvertible {
        var description: String

        init(_ description: String, _ line: some StringProtocol) { self.description = "\(description): \(line)" }
    }

    struct Family {
        var name: String
        var help: String
        var type: String
        var samples: [(name: String, labels: [(name: String, value: String)], value: Double)] = []
    }

    private(set) var families: [Family] = []

    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Fault("the last line has no end", text.suffix(40)) }
        var help: (name: String, text: String)?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            if line.hasPrefix("# HELP ") {
                guard help == nil else { throw Fault("two helps", line) }
                let (name, rest) = try Self.cut(line.dropFirst(7))
                try Self.checkName(name, line)
                guard !families.contains(where: { $0.name == name }) else { throw Fault("the metric came before", line) }
                help = (name, rest)
            } else if line.hasPrefix("# TYPE ") {
                let (name, type) = try Self.cut(line.dropFirst(7))
                guard let known = help, known.name == name else { throw Fault("a type without its help", line) }
                guard ["counter", "gauge", "histogram"].contains(type) else { throw Fault("unknown type", line) }
                families.append(Family(name: name, help: known.text, type: type))
                help = nil
            } else {
                guard help == nil, !families.isEmpty else { throw Fault("a sample without its type", line) }
                let sample = try Self.sample(line)
                let last = families.count - 1
                let family = families[last]
                let names = family.type == "histogram" ? ["_bucket", "_sum", "_count"].map { family.name + $0 } : [family.name]
                guard names.contains(sample.name) else { throw Fault("a sample among those of \(family.name)", line) }
                families[last].samples.append(sample)
            }
        }
        guard help == nil else { throw Fault("a help without its type", text.suffix(40)) }
        try checkSeries()
        try checkHistograms()
    }

    func family(_ name: String) -> Family? { families.first { $0.name == name } }

    /// The value of one series, its labels in any order.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        families.lazy.flatMap(\.samples).first { sample in
            sample.name == name && sample.labels.count == labels.count && sample.labels.allSatisfy { labels[$0.name] == $0.value }
        }?.value
    }

    // MARK: Checks

    private func checkSeries() throws {
        var seen: Set<[String]> = []
        for family in families {
            for (name, labels, value) in family.samples {
                let series = [name] + labels.sorted { $0.name < $1.name }.flatMap { [$0.name, $0.value] }
                guard seen.insert(series).inserted else { throw Fault("a series twice", series.joined(separator: " ")) }
                guard Set(labels.map(\.name)).count == labels.count else { throw Fault("a label twice", name) }
                if family.type == "counter", value < 0 { throw Fault("a counter below zero", name) }
                if family.type != "histogram", labels.contains(where: { $0.name == "le" }) { throw Fault("`le` outside a histogram", name) }
            }
            if family.type == "counter", !family.name.hasSuffix("_total") { throw Fault("a counter without _total", family.name) }
            if family.type == "gauge", family.name.hasSuffix("_total") { throw Fault("a gauge with _total", family.name) }
        }
    }

    /// Buckets rise, the last is `+Inf`, and it is the count.
    private func checkHistograms() throws {
        for family in families where family.type == "histogram" {
            var groups: [[String]: (bounds: [(bound: Double, count: Double)], sum: Double?, count: Double?)] = [:]
            for (name, labels, value) in family.samples {
                let key = labels.filter { $0.name != "le" }.map { "\($0.name)=\($0.value)" }.sorted()
                var group = groups[key] ?? ([], nil, nil)
                if name.hasSuffix("_bucket") {
                    let bound = labels.first { $0.name == "le" }.flatMap { $0.value == "+Inf" ? .infinity : Double($0.value) }
                    guard let bound else { throw Fault("a bucket without a bound", name) }
                    group.bounds.append((bound, value))
                } else if name.hasSuffix("_sum") {
                    group.sum = value
                } else {
                    group.count = value
                }
                groups[key] = group
            }
            for (key, group) in groups {
                let rises = zip(group.bounds, group.bounds.dropFirst()).allSatisfy { $0.bound < $1.bound && $0.count <= $1.count }
                guard rises, group.bounds.last?.bound == .infinity, group.bounds.last?.count == group.count, let sum = group.sum, sum >= 0
                else { throw Fault("no sound histogram", key.joined(separator: ",")) }
            }
        }
    }

    // MARK: Lines

    private static func cut(_ text: Substring) throws -> (String, String) {
        guard let space = text.firstIndex(of: " ") else { throw Fault("a line too short", text) }
        return (String(text[..<space]), String(text[text.index(after: space)...]))
    }

    private static func checkName(_ name: some StringProtocol, _ line: some StringProtocol) throws {
        let isSound = name.utf8.enumerated().allSatisfy { index, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): index > 0
            default: false
            }
        }
        guard isSound, !name.isEmpty else { throw Fault("no name", line) }
    }

    private static func sample(_ line: Substring) throws -> (name: String, labels: [(name: String, value: String)], value: Double) {
        var rest = line
        let name = rest.prefix { $0 != "{" && $0 != " " }
        try checkName(name, line)
        rest = rest.dropFirst(name.count)
        var labels: [(name: String, value: String)] = []
        if rest.first == "{" {
            repeat {
                rest = rest.dropFirst()
                let label = rest.prefix { $0 != "=" }
                try checkName(label, line)
                rest = rest.dropFirst(label.count)
                guard rest.hasPrefix("=\"") else { throw Fault("a label without a value", line) }
                rest = rest.dropFirst(2)
                labels.append((String(label), try quoted(&rest, line)))
            } while rest.first == ","
            guard rest.first == "}" else { throw Fault("labels without an end", line) }
            rest = rest.dropFirst()
        }
        guard rest.first == " ", let value = Double(rest.dropFirst()), value.isFinite else { throw Fault("no value", line) }
        return (String(name), labels, value)
    }

    private static func quoted(_ rest: inout Substring, _ line: Substring) throws -> String {
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return value
            case "\\":
                switch rest.popFirst() {
                case "\\": value += "\\"
                case "\"": value += "\""
                case "n": value += "\n"
                default: throw Fault("an unknown escape", line)
                }
            default: value.append(character)
            }
        }
        throw Fault("a value without an end", line)
    }
}

extension TestGateway {
    /// What `/metrics` says now.
    func metrics() async throws -> MetricsReading { try MetricsReading(try await operatorAsks("/metrics").body) }
}
