/// The version of the command, of the worker and of the Python package.
package let contraflowVersion = "0.1.0"
