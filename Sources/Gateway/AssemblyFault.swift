/// Why a run cannot begin, in words for an operator; no secret is in them.
package struct AssemblyFault: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
