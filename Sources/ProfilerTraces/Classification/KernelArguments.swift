import Foundation

/// The part of a kernel's name behind its short form: template parameters and arguments.
package func kernelArguments(_ name: String) -> String {
    guard let short = name.range(of: shortKernelName(name), options: .literal) else { return name }
    return String(name[short.upperBound...])
}
