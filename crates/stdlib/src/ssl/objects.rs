//! Object identifiers with the names and numbers that OpenSSL has for them.

use taipan_macros::function;
use taipan_runtime::core::{R, Value};
use taipan_runtime::types::{str, tuple};
use taipan_runtime::vm::Vm;

use super::der;

/// An identifier: number, short name, long name, dotted form.
pub struct Object(pub i32, pub &'static str, pub &'static str, pub &'static str);

/// Those that certificates are made of.
pub const OBJECTS: &[Object] = &[
    Object(0, "UNDEF", "undefined", ""),
    Object(1, "rsadsi", "RSA Data Security, Inc.", "1.2.840.113549"),
    Object(2, "pkcs", "RSA Data Security, Inc. PKCS", "1.2.840.113549.1"),
    Object(4, "MD5", "md5", "1.2.840.113549.2.5"),
    Object(6, "rsaEncryption", "rsaEncryption", "1.2.840.113549.1.1.1"),
    Object(8, "RSA-MD5", "md5WithRSAEncryption", "1.2.840.113549.1.1.4"),
    Object(11, "X500", "directory services (X.500)", "2.5"),
    Object(12, "X509", "X509", "2.5.4"),
    Object(13, "CN", "commonName", "2.5.4.3"),
    Object(14, "C", "countryName", "2.5.4.6"),
    Object(15, "L", "localityName", "2.5.4.7"),
    Object(16, "ST", "stateOrProvinceName", "2.5.4.8"),
    Object(17, "O", "organizationName", "2.5.4.10"),
    Object(18, "OU", "organizationalUnitName", "2.5.4.11"),
    Object(47, "pkcs9", "pkcs9", "1.2.840.113549.1.9"),
    Object(48, "emailAddress", "emailAddress", "1.2.840.113549.1.9.1"),
    Object(49, "unstructuredName", "unstructuredName", "1.2.840.113549.1.9.2"),
    Object(55, "unstructuredAddress", "unstructuredAddress", "1.2.840.113549.1.9.8"),
    Object(64, "SHA1", "sha1", "1.3.14.3.2.26"),
    Object(65, "RSA-SHA1", "sha1WithRSAEncryption", "1.2.840.113549.1.1.5"),
    Object(81, "id-ce", "id-ce", "2.5.29"),
    Object(82, "subjectKeyIdentifier", "X509v3 Subject Key Identifier", "2.5.29.14"),
    Object(83, "keyUsage", "X509v3 Key Usage", "2.5.29.15"),
    Object(84, "privateKeyUsagePeriod", "X509v3 Private Key Usage Period", "2.5.29.16"),
    Object(85, "subjectAltName", "X509v3 Subject Alternative Name", "2.5.29.17"),
    Object(86, "issuerAltName", "X509v3 Issuer Alternative Name", "2.5.29.18"),
    Object(87, "basicConstraints", "X509v3 Basic Constraints", "2.5.29.19"),
    Object(88, "crlNumber", "X509v3 CRL Number", "2.5.29.20"),
    Object(89, "certificatePolicies", "X509v3 Certificate Policies", "2.5.29.32"),
    Object(90, "authorityKeyIdentifier", "X509v3 Authority Key Identifier", "2.5.29.35"),
    Object(99, "GN", "givenName", "2.5.4.42"),
    Object(100, "SN", "surname", "2.5.4.4"),
    Object(101, "initials", "initials", "2.5.4.43"),
    Object(103, "crlDistributionPoints", "X509v3 CRL Distribution Points", "2.5.29.31"),
    Object(105, "serialNumber", "serialNumber", "2.5.4.5"),
    Object(106, "title", "title", "2.5.4.12"),
    Object(107, "description", "description", "2.5.4.13"),
    Object(126, "extendedKeyUsage", "X509v3 Extended Key Usage", "2.5.29.37"),
    Object(127, "PKIX", "PKIX", "1.3.6.1.5.5.7"),
    Object(128, "id-kp", "id-kp", "1.3.6.1.5.5.7.3"),
    Object(129, "serverAuth", "TLS Web Server Authentication", "1.3.6.1.5.5.7.3.1"),
    Object(130, "clientAuth", "TLS Web Client Authentication", "1.3.6.1.5.5.7.3.2"),
    Object(131, "codeSigning", "Code Signing", "1.3.6.1.5.5.7.3.3"),
    Object(132, "emailProtection", "E-mail Protection", "1.3.6.1.5.5.7.3.4"),
    Object(133, "timeStamping", "Time Stamping", "1.3.6.1.5.5.7.3.8"),
    Object(172, "id-pe", "id-pe", "1.3.6.1.5.5.7.1"),
    Object(173, "name", "name", "2.5.4.41"),
    Object(174, "dnQualifier", "dnQualifier", "2.5.4.46"),
    Object(177, "authorityInfoAccess", "Authority Information Access", "1.3.6.1.5.5.7.1.1"),
    Object(178, "OCSP", "OCSP", "1.3.6.1.5.5.7.48.1"),
    Object(179, "caIssuers", "CA Issuers", "1.3.6.1.5.5.7.48.2"),
    Object(180, "OCSPSigning", "OCSP Signing", "1.3.6.1.5.5.7.3.9"),
    Object(391, "DC", "domainComponent", "0.9.2342.19200300.100.1.25"),
    Object(401, "policyConstraints", "X509v3 Policy Constraints", "2.5.29.36"),
    Object(408, "id-ecPublicKey", "id-ecPublicKey", "1.2.840.10045.2.1"),
    Object(415, "prime256v1", "prime256v1", "1.2.840.10045.3.1.7"),
    Object(416, "ecdsa-with-SHA1", "ecdsa-with-SHA1", "1.2.840.10045.4.1"),
    Object(458, "UID", "userId", "0.9.2342.19200300.100.1.1"),
    Object(509, "generationQualifier", "generationQualifier", "2.5.4.44"),
    Object(510, "pseudonym", "pseudonym", "2.5.4.65"),
    Object(654, "street", "streetAddress", "2.5.4.9"),
    Object(660, "street", "streetAddress", "2.5.4.9"),
    Object(661, "postalCode", "postalCode", "2.5.4.17"),
    Object(666, "nameConstraints", "X509v3 Name Constraints", "2.5.29.30"),
    Object(668, "RSA-SHA256", "sha256WithRSAEncryption", "1.2.840.113549.1.1.11"),
    Object(669, "RSA-SHA384", "sha384WithRSAEncryption", "1.2.840.113549.1.1.12"),
    Object(670, "RSA-SHA512", "sha512WithRSAEncryption", "1.2.840.113549.1.1.13"),
    Object(672, "SHA256", "sha256", "2.16.840.1.101.3.4.2.1"),
    Object(673, "SHA384", "sha384", "2.16.840.1.101.3.4.2.2"),
    Object(674, "SHA512", "sha512", "2.16.840.1.101.3.4.2.3"),
    Object(715, "secp384r1", "secp384r1", "1.3.132.0.34"),
    Object(716, "secp521r1", "secp521r1", "1.3.132.0.35"),
    Object(794, "ecdsa-with-SHA256", "ecdsa-with-SHA256", "1.2.840.10045.4.3.2"),
    Object(795, "ecdsa-with-SHA384", "ecdsa-with-SHA384", "1.2.840.10045.4.3.3"),
    Object(796, "ecdsa-with-SHA512", "ecdsa-with-SHA512", "1.2.840.10045.4.3.4"),
    Object(860, "organizationIdentifier", "organizationIdentifier", "2.5.4.97"),
    Object(955, "jurisdictionL", "jurisdictionLocalityName", "1.3.6.1.4.1.311.60.2.1.1"),
    Object(956, "jurisdictionST", "jurisdictionStateOrProvinceName", "1.3.6.1.4.1.311.60.2.1.2"),
    Object(957, "jurisdictionC", "jurisdictionCountryName", "1.3.6.1.4.1.311.60.2.1.3"),
    Object(1087, "ED25519", "ED25519", "1.3.101.112"),
    Object(860, "businessCategory", "businessCategory", "2.5.4.15"),
];

/// The long name of an identifier, or its dotted form.
pub fn long_name(oid: &[u8]) -> String {
    let dotted = der::dotted(oid);
    OBJECTS.iter().find(|o| o.3 == dotted).map_or(dotted, |o| o.2.to_owned())
}

fn value(o: &Object) -> Value {
    let dotted = if o.3.is_empty() { Value::NONE } else { str::from_str(o.3) };
    tuple::from_array([Value::from(o.0), str::from_str(o.1), str::from_str(o.2), dotted]).into_value()
}

/// Lookup NID, short name, long name and OID of an ASN1_OBJECT.
///
/// By default objects are looked up by OID. With name=True short and long name are also matched.
#[function(sig = "(txt, name=False)")]
pub fn txt2obj(vm: &Vm, txt: &str, name: bool) -> R {
    let named = |o: &&Object| name && (o.1 == txt || o.2 == txt);
    if let Some(o) = OBJECTS.iter().find(named).or_else(|| OBJECTS.iter().find(|o| o.3 == txt && !txt.is_empty())) {
        return Ok(value(o));
    }
    match der::undotted(txt) {
        // A valid one that has no name.
        Some(_) => {
            let text = str::from_str(txt);
            Ok(tuple::from_array([Value::from(0), text.clone(), text.clone(), text]).into_value())
        }
        None => {
            let shown: String = txt.chars().take(100).collect();
            Err(vm.value_error(format!("unknown object '{shown}'")))
        }
    }
}

/// Lookup NID, short name, long name and OID of an ASN1_OBJECT by NID.
#[function(sig = "(nid, /)")]
pub fn nid2obj(vm: &Vm, nid: i32) -> R {
    if nid < 0 {
        return Err(vm.value_error("NID must be positive."));
    }
    match OBJECTS.iter().find(|o| o.0 == nid) {
        Some(o) => Ok(value(o)),
        None => Err(vm.value_error(format!("unknown NID {nid}"))),
    }
}
