/// A time of a trace, microseconds in decimal, as nanoseconds: exact to three decimals and rounded, half away from
/// zero, beyond. Digits may stand in quotes and have an exponent. Nil where the text is no number or the time does not
/// fit 64 bits.
func nanoseconds(ofMicroseconds text: UnsafeBufferPointer<UInt8>) -> Int64? {
    var bytes = text
    if bytes.count >= 2, bytes[0] == UInt8(ascii: "\""), bytes[bytes.count - 1] == UInt8(ascii: "\"") {
        bytes = UnsafeBufferPointer(rebasing: bytes[1..<bytes.count - 1])
    }
    var position = 0
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative { position = 1 }
    var value: Int64 = 0
    var digits = 0
    while position < bytes.count, digits < 16 {
        let digit = bytes[position] &- 48
        guard digit < 10 else { break }
        value = value &* 10 &+ Int64(digit)
        digits += 1
        position += 1
    }
    if digits > 0, value < 9_000_000_000_000_000 {
        if position == bytes.count { return isNegative ? -value * 1000 : value * 1000 }
        if bytes[position] == UInt8(ascii: "."), bytes.count - position <= 4 {
            var fraction: Int64 = 0
            var scale: Int64 = 1000
            position += 1
            while position < bytes.count {
                let digit = bytes[position] &- 48
                guard digit < 10 else { return nil }
                fraction = fraction &* 10 &+ Int64(digit)
                scale /= 10
                position += 1
            }
            let whole = value * 1000 + fraction * scale
            return isNegative ? -whole : whole
        }
    }
    return slowNanoseconds(bytes)
}

/// The same for any number of digits and any exponent.
private func slowNanoseconds(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
    guard bytes.count <= 400 else { return nil }
    var position = bytes.first == UInt8(ascii: "-") ? 1 : 0
    var digits: [UInt8] = []
    var pointAt: Int?
    while position < bytes.count {
        let byte = bytes[position]
        if byte == UInt8(ascii: "."), pointAt == nil {
            pointAt = digits.count
        } else if byte &- 48 < 10 {
            digits.append(byte &- 48)
        } else {
            break
        }
        position += 1
    }
    guard !digits.isEmpty else { return nil }
    var exponent = 0
    if position < bytes.count {
        guard bytes[position] | 0x20 == UInt8(ascii: "e") else { return nil }
        let text = String(decoding: bytes[(position + 1)...], as: UTF8.self)
        guard let parsed = Int(text.hasPrefix("+") ? String(text.dropFirst()) : text), abs(parsed) < 1000 else {
            return nil
        }
        exponent = parsed
    }
    // The value is 0.d0 d1 d2 … times ten to the `scale`, in nanoseconds.
    let scale = (pointAt ?? digits.count) + exponent + 3
    var value: Int64 = 0
    for index in 0..<max(0, scale) {
        let digit = Int64(index < digits.count ? digits[index] : 0)
        let (product, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, carry) = product.addingReportingOverflow(digit)
        if overflow || carry { return nil }
        value = sum
        if index > digits.count, value == 0 { break }
    }
    if scale >= 0, scale < digits.count, digits[scale] >= 5 {
        let (sum, carry) = value.addingReportingOverflow(1)
        if carry { return nil }
        value = sum
    }
    return bytes.first == UInt8(ascii: "-") ? -value : value
}

/// A whole number in decimal, bare or in quotes; nil where it is none or does not fit.
func integer(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
    var bytes = text
    if bytes.count >= 2, bytes[0] == UInt8(ascii: "\""), bytes[bytes.count - 1] == UInt8(ascii: "\"") {
        bytes = UnsafeBufferPointer(rebasing: bytes[1..<bytes.count - 1])
    }
    let isNegative = bytes.first == UInt8(ascii: "-")
    var position = isNegative ? 1 : 0
    guard position < bytes.count, bytes.count - position <= 18 else { return nil }
    var value: Int64 = 0
    while position < bytes.count {
        let digit = bytes[position] &- 48
        guard digit < 10 else { return nil }
        value = value &* 10 &+ Int64(digit)
        position += 1
    }
    return isNegative ? -value : value
}
