#include "http/certificate_error.h"

#include <openssl/x509_vfy.h>
#include <string.h>

void certificate_error_explain(struct buffer *out, const struct network_error *error,
                               const struct http_host *host)
{
    const char *name = host->name, *bundle = host->authorities.file;
    const char *detail = *error->detail ? error->detail : curl_easy_strerror(error->code);
    if (error->code == CURLE_SSL_CACERT_BADFILE) {
        buffer_printf(out, "the file with the certificates of CAs cannot be used (%s); correct %s",
                      detail, bundle ? host->authorities.origin : "AWS_CA_BUNDLE");
        return;
    }
    switch (error->verification) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        buffer_printf(
            out,
            "the TLS certificate of %s has expired; renew the certificate there, or check "
            "this machine's clock (timedatectl)",
            name);
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        buffer_printf(out,
                      "the TLS certificate of %s is not valid yet; check this machine's clock "
                      "(timedatectl), and the clock of the machine that made the certificate",
                      name);
        break;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED:
        if (bundle) {
            buffer_printf(
                out,
                "the TLS certificate of %s is of a CA that is not in the file %s (%s); "
                "add the certificate of the CA to this file, or correct %s, which names it",
                name, bundle, X509_verify_cert_error_string(error->verification),
                host->authorities.origin);
            break;
        }
        buffer_printf(out,
                      "the TLS certificate of %s is of a CA that this machine does not know (%s); "
                      "install the certificate of the CA on this machine, or name its file in "
                      "AWS_CA_BUNDLE",
                      name, X509_verify_cert_error_string(error->verification));
        break;
    case X509_V_ERR_CERT_REVOKED:
        buffer_printf(out, "the TLS certificate of %s is revoked; replace the certificate there",
                      name);
        break;
    default:
        /* libcurl compares the name itself, and then OpenSSL's result is not known. */
        if (strstr(detail, "subject name")) {
            buffer_printf(out,
                          "the TLS certificate of %s is for another name (%s); correct the host of "
                          "the endpoint, or install a certificate for that host there",
                          name, detail);
            break;
        }
        buffer_printf(
            out, "the TLS certificate of %s cannot be trusted (%s); replace the certificate there",
            name, detail);
    }
}
