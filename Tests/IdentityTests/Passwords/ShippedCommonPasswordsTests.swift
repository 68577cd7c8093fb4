import Identity
import Testing

@Suite struct ShippedCommonPasswordsTests {
    @Test func `P6 the shipped list has the 3000 most common passwords of eight characters and more`() throws {
        #expect(CommonPasswords.shipped.count == 7217)
        for common in ["123456", "password", "12345678", "password123", "qwertyuiop", "iloveyou", "1q2w3e4r5t", "Password1", "PASSWORD"] {
            #expect(try CommonPasswords.shipped.contains(#require(PasswordText(common))), "\(common)")
        }
        for fine in ["", "correct horse battery staple", "Xk7#mQ2$vL", "# The most common passwords", "password ", " password"] {
            #expect(try !CommonPasswords.shipped.contains(#require(PasswordText(fine))), "\(fine)")
        }
    }
}
