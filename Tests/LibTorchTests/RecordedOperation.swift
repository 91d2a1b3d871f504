import Foundation
import LibTorch
import Testing

/// One case of Fixtures/values.json: an operation of the shim with PyTorch's outputs and gradients.
struct RecordedOperation: Decodable, Sendable, CustomTestStringConvertible {
    /// A tensor's elements in row-major order. Integers and Boolean values are stored as numbers.
    struct Values: Decodable, Sendable {
        let type: String
        let shape: [Int]
        let values: [Double]
    }

    let name: String
    /// The name of the C function without its prefix `ct_`.
    let operation: String
    let type: String
    let arguments: [String: [Double]]
    let inputs: [Values]
    let outputs: [Values]
    /// The gradient of the first output; nil if the case has no gradients.
    let seed: Values?
    /// The gradients of the inputs; nil for inputs without a gradient.
    let gradients: [Values?]?

    var testDescription: String { name }

    /// All cases of the file.
    static let all: [RecordedOperation] = {
        struct Contents: Decodable {
            let cases: [RecordedOperation]
        }
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let file = Bundle.module.bundleURL.appending(path: "Fixtures/values.json")
        // A test checks that there are cases.
        guard let data = try? Data(contentsOf: file) else { return [] }
        return (try? decoder.decode(Contents.self, from: data).cases) ?? []
    }()

    /// The largest difference from a recorded value, relative to the larger of 1 and that value. Kernels of different
    /// instruction sets differ in the last bits.
    var tolerance: Double {
        switch type {
        case "float64": 1e-13
        case "float32": 2e-6
        // The experts round several intermediate results to bfloat16.
        default: operation == "experts" ? 3e-2 : 1e-2
        }
    }

    /// The shape `name` of the arguments, or a list of counts.
    func integers(_ name: String) throws -> [Int] { try #require(arguments[name]).map { Int($0) } }

    /// The number `name` of the arguments.
    func number(_ name: String) throws -> Double { try #require(arguments[name]?.first) }

    /// The whole number `name` of the arguments.
    func integer(_ name: String) throws -> Int { Int(try number(name)) }
}

extension RecordedOperation.Values {
    /// The element type with the name `name`.
    static func elementType(_ name: String) throws -> ElementType {
        try #require(ElementType.allCases.first { "\($0)" == name })
    }

    /// The tensor with these elements.
    func tensor() throws -> Tensor {
        try Tensor(values, shape: shape).converted(to: Self.elementType(type))
    }

    /// Expects that `tensor` has this type, this shape and, up to `tolerance`, these elements.
    func expectEqual(_ tensor: Tensor, tolerance: Double, _ name: String) throws {
        #expect(tensor.shape == shape, "shape of \(name)")
        #expect(try tensor.type == Self.elementType(type), "type of \(name)")
        let found = try tensor.doubles()
        try #require(found.count == values.count)
        for (index, (own, expected)) in zip(found, values).enumerated() {
            let isEqual =
                own == expected || own.isNaN && expected.isNaN
                || abs(own - expected) <= tolerance * max(1, abs(expected))
            #expect(isEqual, "element \(index) of \(name) is \(own) instead of \(expected)")
        }
    }
}
