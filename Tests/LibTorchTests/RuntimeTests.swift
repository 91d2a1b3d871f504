import CLibTorch
import Foundation
import LibTorch
import Testing

@Suite("libtorch in this process") struct RuntimeTests {
    @Test("The loaded libtorch is the one that the package was built against")
    func version() {
        #expect(ct_loaded_version() == ct_built_version())
        #expect(LibTorchRuntime.mismatch == nil)
        #expect(LibTorchRuntime.version.wholeMatch(of: /2\.\d+\.\d+/) != nil)
        #expect(LibTorchRuntime.libraryPath.hasSuffix("/libtorch_cpu.so"))
    }

    @Test("The number of threads must be positive")
    func threads() {
        #expect(throws: LibTorchError.self) { try LibTorchRuntime.setThreads(0) }
    }

    @Test("Tensors of other mappings see what is written to a file in memory")
    func memoryFile() throws {
        var descriptor: Int32 = -1
        try check(ct_memory_file(16, &descriptor))
        defer { close(descriptor) }
        let path = "/proc/self/fd/\(descriptor)"
        let first = try Tensor { ct_from_file(path, 2, ElementType.float64.rawValue, &$0) }
        let second = try Tensor { ct_from_file(path, 2, ElementType.float64.rawValue, &$0) }
        #expect(try second.doubles() == [0, 0])
        try first.set(to: Tensor([1, 2] as [Double], shape: [2]))
        #expect(try second.doubles() == [1, 2])
    }

    @Test("The peak is the largest number of live bytes since its reset")
    func memoryPeak() throws {
        try TensorMemory.startCounting()
        let before = TensorMemory.live
        TensorMemory.resetPeak()
        #expect(TensorMemory.peak == before)
        func allocate() throws {
            let tensor = try Tensor.empty([1000], .float64)
            withExtendedLifetime(tensor) { #expect(TensorMemory.live == before + 8000) }
        }
        try allocate()
        #expect(TensorMemory.live == before)
        #expect(TensorMemory.peak == before + 8000)
        TensorMemory.resetPeak()
        #expect(TensorMemory.peak == before)
    }
}
