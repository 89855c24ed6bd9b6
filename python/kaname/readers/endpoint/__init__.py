"""Events of endpoints to the table `endpoint`: Windows logs, osquery, Wazuh, Linux audit."""
