/// Reads NumPy's `.npy` files: versions 1 to 3, little or big endian, C order, plain numbers.
///
/// NumPy's NEP 1 specifies the format. A header describes the bytes after it. The reader checks the header's shape
/// against the length of the file before it allocates memory, and refuses object arrays because they are pickles.
enum NumPyTable {
    static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

    static func read(_ bytes: UnsafeBufferPointer<UInt8>) throws -> NumberTable {
        guard bytes.count >= 10, bytes.starts(with: magic) else {
            throw FileFormatError("the .npy file ends within its header: write it again with numpy.save")
        }
        let version = bytes[6]
        guard (1...3).contains(version) else {
            throw FileFormatError(".npy version \(version) is not supported: save the array as version 1, 2 or 3")
        }
        guard version == 1 || bytes.count >= 12 else {
            throw FileFormatError("the .npy file ends within its header: write it again with numpy.save")
        }
        let start = version == 1 ? 10 : 12
        let length = (8..<start).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
        guard length <= bytes.count - start, length <= 1 << 16 else {
            throw FileFormatError(
                "the .npy header claims \(length.counted("byte")), more than the file has or more than 65536: "
                    + "write it again with numpy.save")
        }
        let header = String(decoding: bytes[start..<start + length], as: UTF8.self)
        let type = try field("descr", of: header)
        guard try field("fortran_order", of: header) == "False" else {
            throw FileFormatError("the .npy file is in Fortran order: save numpy.ascontiguousarray(…) of the array")
        }
        let shape = try field("shape", of: header).split(separator: ",").map { part -> Int in
            guard let size = Int(part.filter { $0 != " " }), size >= 0 else {
                throw FileFormatError("the .npy header has no readable shape: write it again with numpy.save")
            }
            return size
        }
        guard (1...3).contains(shape.count) else {
            throw FileFormatError(
                "a table has 1 to 3 dimensions, but the array in the .npy file has \(shape.count): save a table")
        }
        let sizes = Array(repeating: 1, count: 3 - shape.count) + shape
        try TableLimits.check(windows: sizes[0], layers: sizes[1], columns: sizes[2])
        let count = shape.reduce(1, *)
        let data = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[(start + length)...])
        return NumberTable(shape: shape, values: try values(data, type, count))
    }

    /// Returns the header's value for `name`, without quotes or parentheses.
    private static func field(_ name: String, of header: String) throws -> String {
        let failure = FileFormatError("the .npy header has no '\(name)': write it again with numpy.save")
        guard let key = header.firstRange(of: "'\(name)'") else { throw failure }
        var rest = header[key.upperBound...].drop { $0 == " " || $0 == ":" }
        let closing: Character
        switch rest.first {
        case "'", "(": closing = rest.removeFirst() == "(" ? ")" : "'"
        case "[": throw FileFormatError("the .npy file holds records: save one plain array")
        default: closing = ","
        }
        guard let end = rest.firstIndex(of: closing) else { throw failure }
        return String(rest[..<end])
    }

    /// Returns `count` values of NumPy's type `type`, such as `<i4`.
    private static func values(_ data: UnsafeRawBufferPointer, _ type: String, _ count: Int) throws -> [Double] {
        let isSwapped = type.hasPrefix(">")
        let kind = String(type.drop { "<>|=".contains($0) })
        func load<T: FixedWidthInteger>(_: T.Type, _ convert: (T) -> Double) throws -> [Double] {
            let size = MemoryLayout<T>.size
            guard data.count / size == count, data.count.isMultiple(of: size) else {
                throw FileFormatError(
                    "the .npy header claims \(count.counted("value")) of \(size.counted("byte")), but "
                        + "\(data.count.counted("byte")) follow: write it again with numpy.save")
            }
            return (0..<count).map { index in
                let bits = data.loadUnaligned(fromByteOffset: index * size, as: T.self)
                return convert(isSwapped ? bits.byteSwapped : bits)
            }
        }
        switch kind {
        case "f8": return try load(UInt64.self) { Double(bitPattern: $0) }
        case "f4": return try load(UInt32.self) { Double(Float(bitPattern: $0)) }
        case "f2": return try load(UInt16.self) { Double(Float16(bitPattern: $0)) }
        case "i8": return try load(Int64.self) { Double($0) }
        case "i4": return try load(Int32.self) { Double($0) }
        case "i2": return try load(Int16.self) { Double($0) }
        case "i1": return try load(Int8.self) { Double($0) }
        case "u8": return try load(UInt64.self) { Double($0) }
        case "u4": return try load(UInt32.self) { Double($0) }
        case "u2": return try load(UInt16.self) { Double($0) }
        case "u1", "b1": return try load(UInt8.self) { Double($0) }
        default:
            throw FileFormatError(
                "the .npy file holds '\(type.prefix(20))', not plain numbers: save it as float64 or int64")
        }
    }
}
