import FoundationEssentials
import Testing

@testable import Gateway

@Suite struct DialectCommandTests {
    @Test func `recording rewrites what it can and tells the rest`() async throws {
        let folder = try TestFolder()
        defer { folder.remove() }
        let dialect = folder.path + "/Dialects/pocket"
        try? FileManager.default.removeItem(atPath: dialect + "/transcripts")
        try FileManager.default.createDirectory(atPath: dialect + "/transcripts", withIntermediateDirectories: true)
        let json = "Content-Type: application/json\n\n"
        try folder.write(
            "Dialects/pocket/transcripts/mail.http",
            "POST /users\n\(json){\"email\":\"ann@example.com\",\"password\":\"correct horse 1\"}\n\n"
                + "POST /reset\n\(json){\"email\":\"ann@example.com\"}\n\nno mail ann@example.com\n\noperator suspend bob@example.com\n")
        var outputs: [CommandOutput] = []
        #expect(await DialectCommands.test([dialect], recording: true) { outputs.append($0) } == 1)
        let told = try #require(outputs.first)
        #expect(told.isFailure && told.text.contains("2 mismatches") && told.text.contains("mail.http: rewritten"))
        #expect(told.text.contains(": mail\n  expected none") && told.text.contains(": operator\n"))
    }
}
