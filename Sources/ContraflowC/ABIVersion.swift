/// The version of the C interface: it grows whenever a function changes or goes, so that callers can refuse a library
/// that they were not written for.
@_cdecl("contraflow_abi_version")
public func contraflowABIVersion() -> Int32 { 1 }
