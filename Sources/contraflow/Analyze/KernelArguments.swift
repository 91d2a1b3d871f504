import Foundation
import ProfilerTraces

/// What a kernel's name has behind its short form: template parameters and arguments.
func kernelArguments(_ name: String) -> String {
    guard let short = name.range(of: shortKernelName(name), options: .literal) else { return name }
    return String(name[short.upperBound...])
}
