import Identity

/// Passwords that documents print for accounts that come with a product, so everybody tries them.
enum PublishedPasswords {
    /// What is tried on likely accounts when production starts: few, as each try costs what a login costs.
    static let documented = ["Admin@123456", "admin", "password"]

    /// Whether a password is one of them, or so common that it may as well be.
    static func contains(_ text: String) -> Bool {
        if documented.contains(text) { return true }
        guard let password = PasswordText(text) else { return false }
        return CommonPasswords.shipped.contains(password)
    }
}
