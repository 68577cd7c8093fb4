/// An input of an operation, named as in YAML; the attributes that a dialect declares are slots too.
package struct Slot: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ name: String) { self.rawValue = name }
    package var description: String { rawValue }

    /// E-mail, username or phone number: whatever kinds the policy lets people sign in with.
    package static let identifier = Slot("identifier")
    package static let email = Slot("email")
    package static let username = Slot("username")
    package static let phone = Slot("phone")
    package static let password = Slot("password")
    package static let passwordConfirmation = Slot("password_confirmation")
    package static let currentPassword = Slot("current_password")
    package static let role = Slot("role")
    /// A mailed code of digits.
    package static let code = Slot("code")
    /// The token of a mailed link.
    package static let link = Slot("link")
    package static let refreshToken = Slot("refresh_token")

    /// The engine's own slots; every other slot is an attribute.
    package static let known: [Slot] = [
        .identifier, .email, .username, .phone, .password, .passwordConfirmation, .currentPassword, .role, .code, .link, .refreshToken,
    ]

    /// Never trimmed, never shown, never logged.
    package var isSecret: Bool {
        self == .password || self == .passwordConfirmation || self == .currentPassword || self == .code || self == .link
            || self == .refreshToken
    }

    /// Passwords are taken to the byte: no trimming, whatever the dialect trims.
    package var isPassword: Bool { self == .password || self == .passwordConfirmation || self == .currentPassword }
}

/// What a client sent for one slot, and under which name of its own API.
package struct SlotValue: Sendable, Hashable {
    /// As sent, after the dialect's trimming.
    ///
    /// `.null` for an explicit null.
    package var value: Value
    /// The last part of the wire path that the slot is taken from (`new_password`), by which errors name it.
    package var wireName: String

    package init(_ value: Value, wireName: String) {
        self.value = value
        self.wireName = wireName
    }
}
