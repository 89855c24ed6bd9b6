"""Which functions and parameters a service should use: rules, measured costs, reasons."""
