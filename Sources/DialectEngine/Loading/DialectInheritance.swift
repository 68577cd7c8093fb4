/// `extends` and `remove`: one dialect's tree over another's.
struct DialectInheritance {
    let findings: Findings

    /// The parent's tree without what the child removes, and the child's over it: maps key by key, routes by `METHOD /path`, the rest replaced.
    func merge(_ child: YAMLNode, over parent: YAMLNode) -> YAMLNode {
        var base = parent
        for word in child.words("remove") {
            guard let name = word.text, !remove(name, from: &base) else { continue }
            findings.error(word.place, "nothing to remove: the other dialect has no `\(name)`")
        }
        let kept = child.entries?.filter { $0.key != "extends" && $0.key != "remove" } ?? []
        return overlay(YAMLNode(.map(kept), at: child.place), on: base, key: "")
    }

    private func overlay(_ upper: YAMLNode, on lower: YAMLNode, key: String) -> YAMLNode {
        if key == "routes", let mine = upper.items, let theirs = lower.items { return routes(mine, over: theirs, at: upper.place) }
        guard let mine = upper.entries, let theirs = lower.entries else { return upper }
        var merged = theirs
        for entry in mine {
            guard let place = merged.firstIndex(where: { $0.key == entry.key }) else {
                merged.append(entry)
                continue
            }
            merged[place].keyPlace = entry.keyPlace
            merged[place].value = overlay(entry.value, on: merged[place].value, key: key.isEmpty ? entry.key : key + "." + entry.key)
        }
        return YAMLNode(.map(merged), at: upper.place)
    }

    private func routes(_ mine: [YAMLNode], over theirs: [YAMLNode], at place: Place) -> YAMLNode {
        var merged = theirs
        for route in mine {
            let name = route.entries?.first?.key
            if let name, let place = merged.firstIndex(where: { $0.entries?.first?.key == name }) {
                merged[place] = overlay(route, on: merged[place], key: "routes.\(name)")
            } else {
                merged.append(route)
            }
        }
        return YAMLNode(.list(merged), at: place)
    }

    private func remove(_ name: String, from tree: inout YAMLNode) -> Bool {
        if name.contains(" ") { return removeRoute(name, from: &tree) }
        return remove(name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)[...], from: &tree)
    }

    /// Keys may hold dots themselves (`login.code`), so every way to split the name is tried.
    private func remove(_ path: ArraySlice<String>, from node: inout YAMLNode) -> Bool {
        guard var entries = node.entries else { return false }
        for length in path.indices.map({ $0 - path.startIndex + 1 }) {
            let key = path.prefix(length).joined(separator: ".")
            guard let place = entries.firstIndex(where: { $0.key == key }) else { continue }
            if length == path.count {
                entries.remove(at: place)
            } else if !remove(path.dropFirst(length), from: &entries[place].value) {
                continue
            }
            node.content = .map(entries)
            return true
        }
        return false
    }

    private func removeRoute(_ name: String, from tree: inout YAMLNode) -> Bool {
        guard var entries = tree.entries, let place = entries.firstIndex(where: { $0.key == "routes" }),
            let routes = entries[place].value.items
        else { return false }
        let kept = routes.filter { $0.entries?.first?.key != name }
        guard kept.count < routes.count else { return false }
        entries[place].value.content = .list(kept)
        tree.content = .map(entries)
        return true
    }
}
