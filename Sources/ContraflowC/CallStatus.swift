/// The status that a C function returns: 0, or 1 with a message.
enum CallStatus {
    /// Runs `body` and returns its status. The description of an error is written to `message`, truncated to the buffer
    /// and terminated by a zero byte.
    static func of(_ message: UnsafeMutablePointer<CChar>?, _ size: Int64, _ body: () throws -> Void) -> Int32 {
        do {
            try body()
            return 0
        } catch {
            if let message, size > 0 {
                let text = Array("\(error)".utf8.prefix(Int(size) - 1))
                for index in text.indices { message[index] = CChar(bitPattern: text[index]) }
                message[text.count] = 0
            }
            return 1
        }
    }
}
