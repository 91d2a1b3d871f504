/// Reads decimal numbers from bytes.
///
/// A number of up to 19 significant digits takes one multiplication or division if its mantissa is below 2^53 and its
/// power of ten is within ±22; the result is exact (Clinger's fast path). The standard library reads all other numbers.
enum DecimalParser {
    /// Returns the number at `index` and moves `index` past the number; returns nil and leaves `index` if there is
    /// none.
    ///
    /// Also accepts `NaN`, `Infinity` and `inf`. The table's own check then refuses the value and names its position.
    @inline(__always) static func parse(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Double? {
        let start = index
        var position = index
        let end = bytes.count
        var isNegative = false
        if position < end, bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+") {
            isNegative = bytes[position] == UInt8(ascii: "-")
            position += 1
        }
        let firstDigit = position
        var mantissa: UInt64 = 0
        var digits = 0
        var exponent = 0
        while position < end, bytes[position] &- 48 < 10 {
            if digits < 19 { mantissa = mantissa &* 10 &+ UInt64(bytes[position] &- 48) } else { exponent += 1 }
            if mantissa > 0 { digits += 1 }
            position += 1
        }
        var hasDigits = position > firstDigit
        if position < end, bytes[position] == UInt8(ascii: ".") {
            position += 1
            while position < end, bytes[position] &- 48 < 10 {
                if digits < 19 {
                    mantissa = mantissa &* 10 &+ UInt64(bytes[position] &- 48)
                    exponent -= 1
                }
                if mantissa > 0 { digits += 1 }
                hasDigits = true
                position += 1
            }
        }
        guard hasDigits else { return word(bytes, &index) }
        if position < end, bytes[position] | 32 == UInt8(ascii: "e") {
            guard let power = Self.power(bytes, &position) else { return nil }
            exponent += power
        }
        index = position
        if mantissa < 1 << 53, digits <= 19, exponent >= -22, exponent <= 22 {
            let magnitude =
                exponent < 0 ? Double(mantissa) / powersOfTen[-exponent] : Double(mantissa) * powersOfTen[exponent]
            return isNegative ? -magnitude : magnitude
        }
        return Double(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    /// Returns the power of ten whose `e` is at `position`, and moves `position` past the power; nil if it has no
    /// digits.
    @inline(__always) private static func power(_ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Int? {
        var cursor = position + 1
        let isDown = cursor < bytes.count && bytes[cursor] == UInt8(ascii: "-")
        if isDown || cursor < bytes.count && bytes[cursor] == UInt8(ascii: "+") { cursor += 1 }
        let first = cursor
        var power = 0
        while cursor < bytes.count, bytes[cursor] &- 48 < 10 {
            if power < 100_000 { power = power * 10 + Int(bytes[cursor] &- 48) }
            cursor += 1
        }
        position = cursor
        return cursor == first ? nil : isDown ? -power : power
    }

    private static let powersOfTen: [Double] = (0...22).map { power in
        (0..<power).reduce(1.0) { product, _ in product * 10 }
    }

    /// Returns the `NaN` or infinity at `index` and moves `index` past the word; nil if there is another word.
    private static func word(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> Double? {
        var end = index
        while end < bytes.count, end - index < 10, bytes[end] | 32 >= 97 && bytes[end] | 32 <= 122 || bytes[end] == 45 {
            end += 1
        }
        let value: Double? =
            switch String(decoding: bytes[index..<end], as: UTF8.self).lowercased() {
            case "nan": .nan
            case "infinity", "inf": .infinity
            case "-infinity", "-inf": -.infinity
            default: nil
            }
        if value != nil { index = end }
        return value
    }
}
