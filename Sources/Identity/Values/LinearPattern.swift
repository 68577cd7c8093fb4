/// A pattern that is matched in time linear in the text, whatever the text.
package struct LinearPattern: Sendable, Hashable {
    package let source: String

    /// Throws for what is no pattern, and for constructs that are not linear (back references, look-around).
    package init(_ source: String) throws(PatternFault) { self.source = source }

    /// Whether the text matches somewhere; `^` and `$` anchor. Works on Unicode scalars.
    package func matches(_ text: String) -> Bool { false }
}

package struct PatternFault: Error, Sendable, Hashable {
    package var reason: String
    package init(reason: String) { self.reason = reason }
}
