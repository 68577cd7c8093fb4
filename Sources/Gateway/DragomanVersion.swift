/// The version that `dragoman version` and the start say.
package enum DragomanVersion {
    package static let text = "0.1.0"
}
