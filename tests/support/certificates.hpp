// SPDX-License-Identifier: MIT
#pragma once

#include "core/base/process.hpp"
#include "tests/support/temp_home.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace mcp_push {

/// A certificate authority of the test's own, and a certificate for "localhost" that it signed.
struct Certificates {
    TempHome home;
    std::string authority = home.path("ca.pem");
    std::string certificate = home.path("cert.pem");
    std::string key = home.path("key.pem");
    Certificates() {
        const auto openssl = [&](std::vector<std::string> words) {
            words.insert(words.begin(), "openssl");
            const auto output = run_program(words, Millis(20'000), home.path());
            REQUIRE(output.ok());
            REQUIRE(output->exit_code == 0);
        };
        home.write("names.cnf", "subjectAltName=DNS:localhost\n");
        openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key",
                 "-out", "ca.pem", "-days", "2", "-subj", "/CN=test authority"});
        openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem", "-out",
                 "request.pem", "-subj", "/CN=localhost"});
        openssl({"x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                 "2", "-extfile", "names.cnf", "-out", "cert.pem"});
    }
};

} // namespace mcp_push
