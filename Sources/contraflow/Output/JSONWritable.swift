import Timelines

/// A value that can be written as JSON.
protocol JSONWritable {
    func write(to bytes: inout [UInt8])
    /// Writes a list of values. The method is a requirement, so that lists of numbers are written by specialized code.
    static func write(_ values: [Self], to bytes: inout [UInt8])
}

extension JSONWritable {
    static func write(_ values: [Self], to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "["))
        for index in values.indices {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            values[index].write(to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }
}

extension Array: JSONWritable where Element: JSONWritable {
    func write(to bytes: inout [UInt8]) { Element.write(self, to: &bytes) }
}

extension Int: JSONWritable {}
extension Int32: JSONWritable {}
extension Int64: JSONWritable {}

extension JSONWritable where Self: FixedWidthInteger {
    func write(to bytes: inout [UInt8]) { bytes += String(self).utf8 }
}

extension Bool: JSONWritable {
    func write(to bytes: inout [UInt8]) { bytes += description.utf8 }
}

extension Double: JSONWritable {
    /// Writes the number as `JSONEncoder` does, whole numbers without a decimal point; null if it is not finite.
    func write(to bytes: inout [UInt8]) {
        let digits = isFinite ? description : "null"
        bytes += digits.utf8.dropLast(digits.hasSuffix(".0") ? 2 : 0)
    }
}

extension String: JSONWritable {
    func write(to bytes: inout [UInt8]) { bytes += jsonQuoted.utf8 }
}
