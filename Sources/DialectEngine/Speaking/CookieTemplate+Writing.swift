extension CookieTemplate {
    /// The `Set-Cookie` field's value (RFC 6265, section 4.1).
    func field(_ occasion: Occasion) -> String {
        var field = "\(name)=\(Escape.cookie(occasion.words(value)))"
        if !path.isEmpty { field += "; Path=\(path)" }
        if let maxAge { field += "; Max-Age=\(maxAge.components.seconds)" }
        if httpOnly { field += "; HttpOnly" }
        if secure { field += "; Secure" }
        if !sameSite.isEmpty { field += "; SameSite=\(sameSite)" }
        return field
    }
}
