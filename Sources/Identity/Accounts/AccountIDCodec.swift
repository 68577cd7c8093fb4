/// How a dialect writes account ids.
package indirect enum AccountIDCodec: Sendable, Hashable {
    /// 36 characters, lower case.
    case uuid
    /// A JSON integer.
    case serial
    /// `c`, 8 base-36 digits of the UUID's milliseconds, 16 of its remaining 74 bits: reversible and sortable.
    case cuid
    case prefixed(String, AccountIDCodec)
}
