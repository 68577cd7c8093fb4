import Identity
import Testing

@Suite struct CommonPasswordsTests {
    @Test func `a list is read line by line, with a comment at its head and any line ends`() throws {
        let list = CommonPasswords(lines: Array("# origin\n# licence\nHunter2\r\n\n#1stunna\n# not a comment\nlast".utf8))
        #expect(list.count == 4)
        for listed in ["hunter2", "HUNTER2", "#1stunna", "# not a comment", "LAST"] {
            #expect(try list.contains(#require(PasswordText(listed))), "\(listed)")
        }
        #expect(try !list.contains(#require(PasswordText("# origin"))))
        #expect(CommonPasswords(lines: []).count == 0)
    }
}
