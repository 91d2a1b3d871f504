public import Foundation

/// The writer of scalars for TensorBoard: a file of records, each of which is an `Event` message.
///
/// The file has the record format of TensorFlow's `TFRecord`. The messages have the fields of `event.proto` and
/// `summary.proto`.
public final class TensorBoardEvents {
    private let file: GrowingFile

    /// Creates the file in `folder` and writes its first record.
    ///
    /// - Throws: ``RunFileError`` if the file cannot be written.
    public init(in folder: RunFolder, date: Date = Date()) throws {
        file = try OpenFolder(folder.url).appending(
            to: "events.out.tfevents.\(Int(date.timeIntervalSince1970)).contraflow", isEmpty: true)
        var event = ProtobufMessage()
        event.add(1, date.timeIntervalSince1970)
        event.add(3, "brain.Event:2")
        try write(event)
    }

    /// Appends the scalars of a step.
    public func add(_ metrics: StepMetrics, date: Date = Date()) throws {
        var scalars = [
            ("loss/training", metrics.loss), ("loss/mtp", metrics.mtpLoss),
            ("loss/balance", metrics.balanceLoss), ("optimizer/gradient norm", metrics.gradientNorm),
            ("optimizer/lr", metrics.lr), ("speed/tokens per second", Double(metrics.tokens) / metrics.seconds),
        ]
        if let balance = metrics.expertBalance { scalars.append(("experts/balance", balance)) }
        if let balance = metrics.deviceBalance { scalars.append(("experts/device balance", balance)) }
        if let bubble = metrics.bubble { scalars.append(("pipeline/bubble", bubble)) }
        if let hidden = metrics.hiddenCommunication { scalars.append(("pipeline/hidden communication", hidden)) }
        for (cause, share) in (metrics.exposed ?? [:]).sorted(by: { $0.key < $1.key }) {
            scalars.append(("exposed/\(cause)", share))
        }
        if let loss = metrics.validationLoss { scalars.append(("loss/validation", loss)) }
        var summary = ProtobufMessage()
        for (tag, value) in scalars {
            var entry = ProtobufMessage()
            entry.add(1, tag)
            entry.add(2, Float(value))
            summary.add(1, entry)
        }
        var event = ProtobufMessage()
        event.add(1, date.timeIntervalSince1970)
        event.add(2, UInt64(metrics.step))
        event.add(5, summary)
        try write(event)
    }

    private func write(_ event: ProtobufMessage) throws {
        let length = withUnsafeBytes(of: UInt64(event.bytes.count).littleEndian) { [UInt8]($0) }
        var record = Data(length)
        record.appendLittleEndian(CRC32C.masked(length))
        record.append(contentsOf: event.bytes)
        record.appendLittleEndian(CRC32C.masked(event.bytes))
        try file.append(record)
    }
}

/// An encoder of a protobuf message, field by field.
private struct ProtobufMessage {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ field: Int, _ value: Double) {
        addVariable(UInt64(field << 3 | 1))
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ field: Int, _ value: Float) {
        addVariable(UInt64(field << 3 | 5))
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ field: Int, _ value: UInt64) {
        addVariable(UInt64(field << 3))
        addVariable(value)
    }

    mutating func add(_ field: Int, _ text: String) { add(field, Array(text.utf8)) }
    mutating func add(_ field: Int, _ message: ProtobufMessage) { add(field, message.bytes) }

    private mutating func add(_ field: Int, _ content: [UInt8]) {
        addVariable(UInt64(field << 3 | 2))
        addVariable(UInt64(content.count))
        bytes += content
    }

    private mutating func addVariable(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

extension Data {
    fileprivate mutating func appendLittleEndian(_ value: UInt32) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
