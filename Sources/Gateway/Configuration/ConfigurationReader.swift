package import DialectEngine
import Identity
import Mail
import Storage

/// Reads `config.yaml` and finds everything that is wrong with it at once.
///
/// What it gives beside a report with errors is only good for finding more of them.
package struct ConfigurationReader {
    private let findings: Findings
    private let folder: String
    private let lines: [String]

    /// Reads the file at `path`; relative paths in it are relative to its folder.
    package static func read(path: String, environment: [String: String]) -> (configuration: Configuration?, report: DiagnosticReport) {
        let bytes: [UInt8]
        do {
            bytes = try PrivateFile.read(path)
        } catch {
            let words = "cannot be read: \(error.reason); --config names another file"
            return (nil, DiagnosticReport([Diagnostic(.error, Place(file: path, line: 1, column: 1), words)]))
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return (nil, DiagnosticReport([Diagnostic(.error, Place(file: path, line: 1, column: 1), "is not UTF-8")]))
        }
        return read(text, file: path, environment: environment)
    }

    /// Reads a text as if it stood in `file`.
    package static func read(
        _ text: String, file: String, environment: [String: String]
    ) -> (configuration: Configuration?, report: DiagnosticReport) {
        let (root, faults) = YAMLReader.read(text, file: file)
        let lines = SecretLines.masked(text)
        let tails = SecretTails(text, shown: lines)
        guard let root, faults.isEmpty else { return (nil, DiagnosticReport(faults.map(tails.cleaned))) }
        let findings = Findings(sources: [file: lines.joined(separator: "\n")])
        let folder = file.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(file[...$0]) } ?? ""
        let filled = SecretSources(environment: environment, folder: folder, findings: findings).filled(root) ?? root
        SchemaCheck(findings: findings, secrets: ConfigurationSchema.secrets).check(filled, ConfigurationSchema.root)
        let configuration = Self(findings: findings, folder: folder, lines: lines).configuration(filled, raw: root, file: file)
        return (configuration, DiagnosticReport(findings.report.diagnostics.map(tails.cleaned)))
    }

    /// `raw`: as it is written, without what comes from the environment and files.
    private func configuration(_ root: YAMLNode, raw: YAMLNode, file: String) -> Configuration {
        // A misspelt profile is a fault by itself; what either profile asks would only hide it.
        let profile: Configuration.Profile = root.string("profile") == nil ? .production : root.choice("profile", .development)
        let mail = mail(root, profile)
        let store = store(root, profile)
        let configuration = Configuration(
            file: file, lines: lines, profile: profile, state: path(root.string("state") ?? "./state"),
            dialects: path(root.string("dialects") ?? "./Dialects"), store: store,
            management: address(root, "management") ?? ListenAddress(host: "127.0.0.1", port: 9901), mail: mail,
            frontends: root.map("frontends").entries?.compactMap { entry in
                frontend(entry, raw: raw.map("frontends").map(entry.key), sender: mail.from)
            } ?? [],
            trustedProxies: root.words("trusted-proxies").compactMap { node in
                guard let range = AddressRange(node.text ?? "") else {
                    findings.error(node.place, "\(node.kind) is no address and no range like `10.0.0.0/8`")
                    return nil
                }
                return range
            },
            storeKey: storeKey(root, profile), keysAreInStore: store.isShared)
        if root["frontends"] != nil, configuration.frontends.isEmpty, !findings.hasErrors {
            findings.error(root["frontends"]?.place ?? root.place, "there is no frontend: name one API to serve")
        }
        ProfileRules(findings: findings).check(configuration)
        FrontendOverlap(findings: findings).check(configuration)
        return configuration
    }

    private func store(_ root: YAMLNode, _ profile: Configuration.Profile) -> Configuration.Store {
        guard let text = root.string("store"), text != "sqlite" else { return .sqlite }
        let place = root["store"]?.place ?? root.place
        guard PostgresAddress.isMeant(by: text) else {
            findings.error(place, "`store` is `sqlite`, or a database as `postgres://USER:PASSWORD@HOST/DATABASE`")
            return .sqlite
        }
        do {
            let address = try PostgresAddress(text)
            if profile == .production, !address.isProtected {
                findings.error(
                    place,
                    "production talks to a database on another host by TLS: add `sslmode=verify-full` and its `sslrootcert`, or at least "
                        + "`sslmode=require`")
            }
        } catch StoreError.unavailable(let reason) {
            findings.error(place, "`store`: \(reason)")
        } catch {
            findings.error(place, "`store` cannot be read")
        }
        return .postgres(SecretText(text))
    }

    private func storeKey(_ root: YAMLNode, _ profile: Configuration.Profile) -> SecretText? {
        guard let text = root.string("store-key") else { return nil }
        let place = root["store-key"]?.place ?? root.place
        if text.utf8.count < 32 {
            findings.error(place, "the `store-key` has \(text.utf8.count) bytes, and needs 32 or more: `openssl rand -base64 48` makes one")
        } else if profile == .production, (try? SigningKey.hs256(secret: Array(text.utf8)))?.isKnownWeak == true {
            findings.error(place, "this `store-key` is published or easily guessed: `openssl rand -base64 48` makes one")
        }
        return SecretText(text)
    }

    private func mail(_ root: YAMLNode, _ profile: Configuration.Profile) -> Configuration.Mail {
        let node = root.map("mail")
        let place = node["transport"]?.place ?? node.place
        let password = node.string("password").map(SecretText.init)
        var transport = Configuration.Mail.Transport.mailbox
        if let text = node.string("transport"), text != "mailbox" {
            transport = .smtp(url: text, password: password)
            do {
                _ = try SMTPConfiguration(url: text, password: password?.text)
            } catch {
                findings.error(place, "`transport` is `mailbox` or an SMTP server: \(error.reason)")
            }
        }
        return .init(transport: transport, transportPlace: place, from: sender(node) ?? "noreply@localhost")
    }

    private func frontend(_ entry: YAMLNode.Entry, raw: YAMLNode, sender: String) -> FrontendConfiguration? {
        let node = entry.value
        if !Self.isPlainName(entry.key) {
            findings.error(entry.keyPlace, "a frontend's name is of `a-z`, `A-Z`, `0-9`, `-` and `_`, at most 64")
        }
        guard let dialect = node.string("dialect"), let listen = address(node, "listen") else { return nil }
        if !Self.isPlainName(dialect) {
            findings.error(node["dialect"]?.place ?? node.place, "a dialect's name is the name of its folder")
        }
        let host = host(node)
        let prefix = prefix(node)
        let publicURL = url(node, "public") ?? (host.map { ListenAddress(host: $0, port: listen.port) } ?? listen).url + prefix
        let realm = node.string("realm") ?? entry.key
        if node["realm"] != nil, !Self.isPlainName(realm) {
            findings.error(node["realm"]?.place ?? node.place, "a realm's name is like a frontend's")
        }
        return FrontendConfiguration(
            name: entry.key, place: entry.keyPlace, dialect: dialect, dialectPlace: node["dialect"]?.place ?? node.place, listen: listen,
            host: host, prefix: prefix, realm: realm,
            keys: keys(node.map("keys"), raw: raw.map("keys")),
            publicURL: publicURL, links: url(node, "links") ?? publicURL, from: self.sender(node.map("mail")) ?? sender, cors: cors(node),
            upstreams: UpstreamReader(findings: findings).upstreams(node.map("upstreams")),
            settings: Dictionary(
                (node.map("settings").entries ?? []).compactMap { entry in
                    entry.value.text.map { (entry.key, ChosenSetting($0, at: entry.value.place)) }
                }, uniquingKeysWith: { first, _ in first }),
            seed: node["seed"]?.items?.map(seed) ?? [])
    }

    private func keys(_ node: YAMLNode, raw: YAMLNode) -> FrontendConfiguration.Keys {
        let access = node.string("access").map(SecretText.init)
        let former = node["older"].flatMap { $0.text == nil || $0.isNull ? nil : [$0] } ?? node.words("older")
        let older = former.map { FrontendConfiguration.Keys.Older(text: SecretText($0.text ?? ""), place: $0.place) }
        if raw["access"] == nil, let first = node["older"], !older.isEmpty {
            findings.error(first.place, "`older` stands beside `access`, the key that signs now")
        }
        // What follows the name of a variable may be a secret.
        let written = raw.string("access")?.split(separator: "|", maxSplits: 1).first.map(String.init) ?? ""
        return .init(
            access: access, rsaBits: node.int("rsa-bits") ?? 2048, place: node["access"]?.place ?? node.place, older: older,
            source: written.hasPrefix("env:") || written.hasPrefix("file:") ? written : nil)
    }

    private func seed(_ node: YAMLNode) -> FrontendConfiguration.Seed {
        var slots: [String: Value] = [:]
        for entry in node.entries ?? [] where entry.key != "password" && entry.key != "confirmed" {
            slots[entry.key] = entry.value.literal
        }
        let passwordPlace = node["password"]?.place ?? node.place
        return .init(
            place: node.place, slots: slots, password: node.string("password").map(SecretText.init), passwordPlace: passwordPlace,
            confirmed: node.bool("confirmed", false))
    }

    private func cors(_ node: YAMLNode) -> FrontendConfiguration.CORS? {
        guard let cors = node["cors"], cors.entries != nil else { return nil }
        let credentials = cors.string("credentials").flatMap(Scalars.bool)
        var origins: [String] = []
        for word in cors.words("origins") {
            let origin = word.text ?? ""
            if origin == "*", credentials == true {
                findings.error(word.place, "with credentials browsers want each origin named: `*` is not for them")
            } else if origin != "*", !Self.isOrigin(origin) {
                findings.error(word.place, "\(word.kind) is no origin like `https://app.example.com`, without path or slash at its end")
            }
            origins.append(origin)
        }
        return .init(origins: origins, credentials: credentials)
    }

    // MARK: Scalars

    private func address(_ node: YAMLNode, _ key: String) -> ListenAddress? {
        guard let text = node.string(key) else { return nil }
        if let address = ListenAddress(text) { return address }
        findings.error(node[key]?.place ?? node.place, "`\(key)` is an address like `127.0.0.1:8080`, not `\(text)`")
        return nil
    }

    private func url(_ node: YAMLNode, _ key: String) -> String? {
        guard let text = node.string(key) else { return nil }
        if let url = BaseURL(text) { return url.text }
        findings.error(node[key]?.place ?? node.place, "`\(key)` is a URL like `https://api.example.com`, without query")
        return nil
    }

    private func host(_ node: YAMLNode) -> String? {
        guard let text = node.string("host") else { return nil }
        if let host = HostName(text), !text.contains(":") || text.hasSuffix("]") { return host.name }
        findings.error(node["host"]?.place ?? node.place, "`host` is a name like `api.example.com`, without port")
        return nil
    }

    private func prefix(_ node: YAMLNode) -> String {
        guard let text = node.string("prefix"), text != "/" else { return "" }
        if let target = RequestTarget(text, limit: 256), target.query == nil, target.path == text, !text.hasSuffix("/") { return text }
        findings.error(node["prefix"]?.place ?? node.place, "`prefix` is a path like `/shop`, without slash at its end")
        return ""
    }

    private func sender(_ node: YAMLNode) -> String? {
        guard let text = node.string("from") else { return nil }
        do {
            return try MailAddress(text).spelling
        } catch {
            findings.error(node["from"]?.place ?? node.place, "`from` is \(error.reason)")
            return nil
        }
    }

    private func path(_ text: String) -> String {
        if text.hasPrefix("/") { return text }
        let relative = text.hasPrefix("./") ? String(text.dropFirst(2)) : text
        return folder + (relative.hasSuffix("/") ? String(relative.dropLast()) : relative)
    }

    private static func isPlainName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
    }

    private static func isOrigin(_ text: String) -> Bool {
        guard let url = BaseURL(text) else { return false }
        return url.path.isEmpty && text == url.text
    }
}
