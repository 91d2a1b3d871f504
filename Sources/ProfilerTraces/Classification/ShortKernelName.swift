import Foundation

/// Returns a kernel's name without its return type, arguments and template parameters, as in
/// `deep_ep::intranode::dispatch`; a name that is not a signature unchanged. O(name).
public func shortKernelName(_ name: String) -> String {
    // A name without arguments and parameters is not a signature, and its words are kept.
    let isSignature = name.utf8.contains { $0 == UInt8(ascii: "(") || $0 == UInt8(ascii: "<") }
    if !isSignature || name.hasPrefix("Memcpy") || name.hasPrefix("Memset") { return name }
    var result: [UInt8] = []
    var depth = 0
    var previous: UInt8 = 0
    var beginsWord = false
    for byte in name.utf8 {
        switch byte {
        case UInt8(ascii: "<"), UInt8(ascii: "("): depth += 1
        case UInt8(ascii: ">") where previous == UInt8(ascii: "-"): break
        case UInt8(ascii: ">"), UInt8(ascii: ")"):
            depth = max(0, depth - 1)
            // An anonymous namespace in parentheses leaves two pairs of colons, one of which is dropped.
            if depth == 0, result.suffix(2) == [UInt8(ascii: ":"), UInt8(ascii: ":")] { result.removeLast(2) }
        case UInt8(ascii: " ") where depth == 0:
            // The words after the arguments are qualifiers, as in `f(int) [clone .kd]`.
            if previous == UInt8(ascii: ")"), !result.isEmpty { return String(decoding: result, as: UTF8.self) }
            beginsWord = true
        case _ where depth > 0: break
        default:
            if beginsWord { result.removeAll(keepingCapacity: true) }
            beginsWord = false
            result.append(byte)
        }
        previous = byte
    }
    return result.isEmpty ? name : String(decoding: result, as: UTF8.self)
}

/// Returns the part of a kernel's name after its short form: template parameters and arguments.
package func kernelArguments(_ name: String) -> String {
    guard let short = name.range(of: shortKernelName(name), options: .literal) else { return name }
    return String(name[short.upperBound...])
}
