import CLibTorch
import LibTorch
import Testing

/// A call that libtorch rejects, and a part of libtorch's message.
private struct RejectedCall: Sendable, CustomTestStringConvertible {
    let name: String
    let message: String
    let call: @Sendable () throws -> Void

    init(_ name: String, _ message: String, _ call: @escaping @Sendable () throws -> Void) {
        self.name = name
        self.message = message
        self.call = call
    }

    var testDescription: String { name }

    private static func zeros(_ shape: Int...) throws -> Tensor { try .zeros(shape, .float64) }
    private static func indices(_ values: Int...) throws -> Tensor { try Tensor(values, shape: [values.count]) }

    static let shapes = [
        RejectedCall("empty", "negative dimension -1") { _ = try Tensor.empty([-1], .float32) },
        RejectedCall("full", "negative dimension -1") { _ = try zeros(-1) },
        RejectedCall("reshape", "shape '[4]' is invalid for input of size 6") { _ = try zeros(6).reshaped([4]) },
        RejectedCall("transpose", "expected to be in range of [-2, 1], but got 2") {
            _ = try zeros(2, 3).transposed(0, 2)
        },
        RejectedCall("narrow", "start (1) + length (5) exceeds dimension size (3)") {
            _ = try zeros(3).narrowed(0, 1..<6)
        },
        RejectedCall("expand", "expanded size of the tensor (4) must match the existing size (3)") {
            _ = try zeros(2, 3).expanded([2, 4])
        },
        RejectedCall("concatenate", "Expected size 2 but got size 3") {
            _ = try Tensor.concatenated([zeros(2, 3), zeros(3, 3)], along: 1)
        },
        RejectedCall("concatenate nothing", "expected a non-empty list of Tensors") {
            _ = try Tensor.concatenated([], along: 0)
        },
        RejectedCall("index_select", "index out of range") { _ = try zeros(3).selected(0, indices(3)) },
        RejectedCall("gather", "index 5 is out of bounds for dimension 0 with size 3") {
            _ = try zeros(3).gathered(0, indices(5))
        },
        RejectedCall("index_add", "Number of indices (1) should be equal to source.size(dim): (2)") {
            _ = try zeros(3, 2).adding(zeros(2, 2), at: indices(0), along: 0)
        },
        RejectedCall("scatter", "index 7 is out of bounds for dimension 0 with size 3") {
            _ = try zeros(3).setting(0, indices(7), to: 1)
        },
    ]

    static let arithmetic = [
        RejectedCall("add", "The size of tensor a (3) must match the size of tensor b (2)") {
            _ = try zeros(2, 3).adding(zeros(2))
        },
        RejectedCall("multiply", "The size of tensor a (3) must match the size of tensor b (4)") {
            _ = try zeros(2, 3).times(zeros(4))
        },
        RejectedCall("divide", "The size of tensor a (3) must match the size of tensor b (4)") {
            _ = try zeros(2, 3).divided(by: zeros(4))
        },
        RejectedCall("matmul", "mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)") {
            _ = try zeros(2, 3).matmul(zeros(2, 3))
        },
        RejectedCall("softmax", "expected to be in range of [-1, 0], but got 1") { _ = try zeros(3).softmax(1) },
        RejectedCall("sum", "expected to be in range of [-1, 0], but got 1") { _ = try zeros(3).sum(1) },
        RejectedCall("mean of integers", "floating point or complex dtype. Got: Long") {
            _ = try indices(1, 2).mean(0)
        },
        RejectedCall("topk", "selected index k out of range") { _ = try zeros(3).largest(4) },
        RejectedCall("keep", "The size of tensor a (2) must match the size of tensor b (3)") {
            _ = try zeros(2, 3).keeping(Tensor.full([2], .bool, 1))
        },
        RejectedCall("add_in_place", "The size of tensor a (2) must match the size of tensor b (3)") {
            try zeros(2).add(zeros(3))
        },
        RejectedCall("copy", "The size of tensor a (2) must match the size of tensor b (3)") {
            try zeros(2).set(to: zeros(3))
        },
        RejectedCall("adamw", "AdamW needs tensors of one shape, not [2] and [3]") {
            try zeros(2).stepAdamW(
                gradients: zeros(3), firstMoment: zeros(2), secondMoment: zeros(2), step: 1, lr: 0.1, beta1: 0.9,
                beta2: 0.9, eps: 1e-8, weightDecay: 0)
        },
    ]

    static let layers = [
        RejectedCall("embedding", "index out of range") { _ = try zeros(3, 2).embedding(of: indices(3)) },
        RejectedCall("rms_norm", "a norm of [2] does not fit an input of [2, 3]") {
            _ = try zeros(2, 3).rmsNormalized(zeros(2), epsilon: 1e-6)
        },
        RejectedCall("rotate", "must match the size of tensor") {
            _ = try zeros(1, 2, 1, 4).rotated(cosines: zeros(2, 3), sines: zeros(2, 3))
        },
        RejectedCall("attention", "Expected size for first two dimensions of batch2") {
            _ = try zeros(1, 1, 2, 3).attention(keys: zeros(1, 1, 2, 4), values: zeros(1, 1, 2, 3), scale: 1)
        },
        RejectedCall("cross_entropy", "Target 9 is out of bounds") {
            _ = try zeros(2, 3).crossEntropy(targets: indices(0, 9))
        },
        RejectedCall("linear_cross_entropy", "Target 9 is out of bounds") {
            _ = try zeros(2, 4).linearCrossEntropy(zeros(3, 4), targets: indices(0, 9), WeightGradients())
        },
        RejectedCall("merge", "places of [1, 3] do not fit rows of [4, 2]") {
            _ = try zeros(4, 2).merged(places: indices(0, 1, 2).reshaped([1, 3]))
        },
        RejectedCall("linear", "a weight of [2, 3] does not fit an input of [2, 4]") {
            _ = try zeros(2, 4).linear(zeros(2, 3), WeightGradients())
        },
        RejectedCall("linear with a vector as weight", "Dimension out of range") {
            _ = try zeros(2, 4).linear(zeros(4), WeightGradients())
        },
        RejectedCall("experts with wrong counts", "counts add up to 3 rows, but there are 4") {
            _ = try zeros(4, 2).experts(counts: [2, 1], up: zeros(2, 4, 2), down: zeros(2, 2, 2), WeightGradients())
        },
        RejectedCall("experts with a negative count", "non-negative") {
            _ = try zeros(3, 2).experts(counts: [-1, 4], up: zeros(2, 4, 2), down: zeros(2, 2, 2), WeightGradients())
        },
        RejectedCall("experts with too few weights", "do not fit 2 experts") {
            _ = try zeros(3, 2).experts(counts: [2, 1], up: zeros(2, 4, 2), down: zeros(1, 2, 2), WeightGradients())
        },
        RejectedCall("experts with wrong weights", "do not fit 2 experts") {
            _ = try zeros(3, 2).experts(counts: [2, 1], up: zeros(2, 6, 2), down: zeros(2, 2, 2), WeightGradients())
        },
        RejectedCall("experts with wrong factors", "factors of [3] do not fit rows of [3, 2]") {
            _ = try zeros(3, 2).experts(
                counts: [3], up: zeros(4, 2), down: zeros(2, 2), factors: zeros(3), WeightGradients())
        },
        RejectedCall("experts of another width", "cannot be multiplied") {
            _ = try zeros(3, 5).experts(counts: [2, 1], up: zeros(2, 4, 2), down: zeros(2, 2, 2), WeightGradients())
        },
    ]

    static let autograd = [
        RejectedCall("backward from a vector without its gradient", "only for scalar outputs") {
            try Tensor.backward([zeros(2).leaf().times(2)], gradients: [nil])
        },
        RejectedCall("backward without a graph", "does not require grad") {
            try Tensor.backward([zeros(1)], gradients: [nil])
        },
        RejectedCall("backward with a gradient of another shape", "shape") {
            try Tensor.backward([zeros(2).leaf().times(2)], gradients: [zeros(3)])
        },
        RejectedCall("a leaf of integers", "floating point") { _ = try indices(1).leaf() },
    ]
}

@Suite("Rejected operations") struct OperationErrorTests {
    @Test(
        "An operation with unsuitable operands throws libtorch's message",
        arguments: RejectedCall.shapes + RejectedCall.arithmetic + RejectedCall.layers + RejectedCall.autograd)
    fileprivate func rejectedCall(rejected: RejectedCall) throws {
        let error = #expect(throws: LibTorchError.self) { try rejected.call() }
        let message = try #require(error?.message)
        #expect(!message.isEmpty && message.contains(rejected.message), "\(message)")
        #expect(!message.contains("Exception raised from"), "\(message)")
        #expect(error?.isLostPeer == false)
    }

    @Test("A C function returns 1, stores its reason and leaves the result unset")
    func statusOfACFunction() {
        var result: OpaquePointer?
        let sizes: [Int64] = [2]
        let emptyStatus = ct_empty(sizes, 1, 9, &result)
        #expect(emptyStatus == 1 && result == nil)
        #expect(String(cString: ct_last_error()).hasPrefix("element type 9 is unknown"))
        let fullStatus = ct_full(sizes, 1, 5, 0, &result)
        #expect(fullStatus == 1 && result == nil)
        #expect(String(cString: ct_last_error()).hasPrefix("element type 5 is unknown"))
    }

    @Test("A success keeps the message of the last failure")
    func messageOfTheLastFailure() throws {
        #expect(throws: LibTorchError.self) { try Tensor.zeros([2], .float32).reshaped([3]) }
        _ = try Tensor.zeros([2], .float32)
        #expect(String(cString: ct_last_error()).contains("shape '[3]' is invalid for input of size 2"))
    }

    @Test("A missing file cannot be mapped")
    func missingFile() {
        var result: OpaquePointer?
        let status = ct_from_file("/nowhere/elements", 4, ElementType.float32.rawValue, &result)
        #expect(status == 1 && result == nil)
        #expect(String(cString: ct_last_error()).contains("No such file or directory"))
    }

    @Test("A file in memory of a negative size is refused")
    func negativeMemoryFile() {
        var descriptor: Int32 = -1
        let status = ct_memory_file(-1, &descriptor)
        #expect(status == 1 && descriptor == -1)
        #expect(String(cString: ct_last_error()).hasPrefix("cannot create a file of -1 bytes in memory: "))
    }
}
