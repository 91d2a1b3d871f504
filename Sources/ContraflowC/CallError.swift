/// An argument that no function takes, as one line.
struct CallError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
