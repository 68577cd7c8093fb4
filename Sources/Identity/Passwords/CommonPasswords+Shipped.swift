extension CommonPasswords {
    /// The list that ships: 7217 entries of six characters or more, of which 3000 have eight or more.
    ///
    /// Its origin and licence stand in its head.
    package static let shipped = CommonPasswords(lines: PackageResources.common_passwords_txt)
}
