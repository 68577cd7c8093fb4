/// What a deployment chose for a setting, and where it says so.
package struct ChosenSetting: Sendable, Hashable {
    package var text: String
    package var place: Place?

    package init(_ text: String, at place: Place? = nil) {
        self.text = text
        self.place = place
    }
}
