/// An argument that no function takes, as one line.
struct CallFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
