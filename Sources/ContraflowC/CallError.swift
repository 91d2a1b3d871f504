/// An error for an argument that is out of range, described in one line.
struct CallError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
