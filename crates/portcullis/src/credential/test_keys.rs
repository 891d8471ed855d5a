//! TEST KEYS: published with the source, so worth nothing anywhere else.

use jsonwebtoken::EncodingKey;
use portcullis_compiler::plan::SignatureAlgorithm;

use super::Key;

pub(super) const TEST_SECRET: &[u8] =
    b"test-only secret, of 64 bytes, and so for every hash there is...";
pub(super) const OTHER_TEST_SECRET: &[u8] = b"test-only secret, another one...";

pub(super) const TEST_P256: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEl+tgtVp/Kuep5to5cJcAGzMxqVxK
tdcAFdRIy6cVLVgt2BjGA5ne4Ry6h8BoEqm1m4eU0eIUR7xeWNOSY1sMxg==
-----END PUBLIC KEY-----
";
pub(super) const TEST_P256_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWuZ8P/QMuudwmiqJ
cD1kDIXd6faytGtW352nZQRKt1+hRANCAASX62C1Wn8q56nm2jlwlwAbMzGpXEq1
1wAV1EjLpxUtWC3YGMYDmd7hHLqHwGgSqbWbh5TR4hRHvF5Y05JjWwzG
-----END PRIVATE KEY-----
";

pub(super) const TEST_ED25519: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEACQwdT1OcQKxkzQzLprUnNeVlb+OZYtikGyR24ZYhNIk=
-----END PUBLIC KEY-----
";
pub(super) const TEST_ED25519_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIGf+iJRtPkjrWG+3ply/d+QhG1JZeQimc+m5ICrZGZS/
-----END PRIVATE KEY-----
";

pub(super) const TEST_P384: &str = "-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEgRKMfDORgNoIW+T7W4HUtjg+GR+IB4GS
+JgpjjSkpusadWLGKnwjycbjdjWUbNEdqvrEfo4/Yr7Cj/pG90/itGX4Irb1iFmD
yXV2Q2xXfiweYVniDebE1LE2hXlyhTGS
-----END PUBLIC KEY-----
";
pub(super) const TEST_P384_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDAMrZHTg4qWAOt/EwFv
p0e6Z8s1ZZBi2tojoDZhscII0SrF8/BvkDKF8L/NHM6f2fShZANiAASBEox8M5GA
2ghb5PtbgdS2OD4ZH4gHgZL4mCmONKSm6xp1YsYqfCPJxuN2NZRs0R2q+sR+jj9i
vsKP+kb3T+K0ZfgitvWIWYPJdXZDbFd+LB5hWeIN5sTUsTaFeXKFMZI=
-----END PRIVATE KEY-----
";

/// Of 2,048 bits.
pub(super) const TEST_RSA: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuzOZGX4eIogz8I8y+pS3
xiDAQFcVi+UZsmcRxg0sGTvZ9l5g/uMyFqTDdKZ9D+HDaj/T31SAVFKh6Y0gwchv
Vz8M6RijAncO8rY5ipdtkV7uWyvLOGTN+4N+e0Mvp8OP/sQCxlBRkBAL+LSvbL89
79jmSppG0biqKYAAI86cuWSbfuqwsw02KuzkCgDri0d/KZW90wCNEf56g/cX/hV+
U9dqrlO6/yY+TmzLdn144027DF8/hBQZxPNML7Pu320V+cp+BrIiWwnIg3gk38AT
mQTi3rPQt+6cl3jbW3SlE6o2jtwmGlxa1I1fzLmp7/doyaq0MLUDwWBDlBl00PVa
gwIDAQAB
-----END PUBLIC KEY-----
";
pub(super) const TEST_RSA_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7M5kZfh4iiDPw
jzL6lLfGIMBAVxWL5RmyZxHGDSwZO9n2XmD+4zIWpMN0pn0P4cNqP9PfVIBUUqHp
jSDByG9XPwzpGKMCdw7ytjmKl22RXu5bK8s4ZM37g357Qy+nw4/+xALGUFGQEAv4
tK9svz3v2OZKmkbRuKopgAAjzpy5ZJt+6rCzDTYq7OQKAOuLR38plb3TAI0R/nqD
9xf+FX5T12quU7r/Jj5ObMt2fXjjTbsMXz+EFBnE80wvs+7fbRX5yn4GsiJbCciD
eCTfwBOZBOLes9C37pyXeNtbdKUTqjaO3CYaXFrUjV/Muanv92jJqrQwtQPBYEOU
GXTQ9VqDAgMBAAECggEAAP4Eb89PPnugTJTMWT9RCQqPKlBvzer06hQ/WQl2xne8
sQS+3Nv96bWwixy2lJsQF+ZbvC7SnCCZ5rJXSwpTRvrLvhyhBCuRxH+KaWqBrg2Z
GiU9uxDfWXkLVU5Cgo9W1mF2hSQ/EXETpDR19jKFbgxRiXT9mmcvmgjlf/wTZOXq
vAZPMOQa9WDIylUdYxr9p5cZO0s+oVTI6eLmipAacaZbfzoYTYMa0PiP1LCjWDId
4plja6g3ybXt66o5x1M712cUdk3Y1NJUKzcj1tx+Pqc9K73uwbE7s/QEvgraouAQ
gagnFKDl9SIKEblZLwRBKc48/k374h9k5+JtsIYP5QKBgQD1slBftVNxEaZkZ0Wa
chDgeaGqyY7AQEu8VuO1xSFmHXSmuhIbqWrh0qbn22bidxHCxs4U0gfKJy0oBpnc
eK7tLi7VNmOPv0ZN9ozhJKRvQGtbjIoyPlxZgyw/Q0P2gY4zv8JbwcNDNRDHSpRN
knLwqZzcXBYnZ8idojJ9YOlMBQKBgQDDDU8AgIHnfQthwfHVwrBKCYndu4k/VivS
r0MUZElFb1YwLbGSYKUiLAyOHsjYc9P0Ur+4pe6RkSm5ZGQ6LEckQUFjCe83B4Em
pXc8c45WXMGGwwkfFewD8jV8+YpGyYKrxsbj56jjESzfwfwh2GEanFk+BFkfBlgi
uKRi2Fha5wKBgHJgoVP8yKxxaAGDpf5hLYQie2VTUXYkOF2kIXtkGsk72ysmoflo
pA4ej36OP9YbUhRXkmZU5DVyiW4BrKzbLavSfRDasfygMa1nomvJMBduaMwEn+0F
5N3y161XthLSew2SLnuitzDZSkdMa7+09nccrp5S7ClKAjWH5XNCozi1AoGBAKOn
J/Do4ZWjggg8nLbYieckx6rl7YrZtx0ndeXHGv8KIkt8GzAQrJzWTpZz19pcnKqz
Py8i8d7q6BIn3Dw+6FXP9petPytxvXf6fueWoQdu/eUfASk20HajIyO/j7hC3MNZ
nYic10PlJjx7Wxvem+Ki6fGx3kC8pvhC6ZIRqVhjAoGAAXePWLo1g3ElaiSPcj60
BfLyzMDM/nQWMAjsgSIrRtB1Yu0kGs6OVwyb+Qz1TuZxPk0WDQiCWnrQmfc6b/oJ
cXpU+gim0DtNh48CUfBVfjQccPFhhy/6bwHnWZkIG+fOU94b6S5S/Ir7FUf/T+vw
pVtBpwzGTej+bjq9uAC7cpM=
-----END PRIVATE KEY-----
";

/// Of 1,024 bits.
pub(super) const TEST_SHORT_RSA: &str = "-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCg1slNtLzsYYHbpv2WMCVsKr+J
Kwc/jIeu9UjbV35HE6O+NhiGxanFm3sebBjgj2KLUDWjBF02a8Vn3L+T3lI/2hib
Kqj1U6JiGlkjiACG/POOsypsJav+T1+/QwOdY4QwjyDU7U2BlVrE+93fxrx8r91c
xBFeVYYFJrmzi1FtnwIDAQAB
-----END PUBLIC KEY-----
";

/// The key of an algorithm. Those of one kind share theirs, so that only the algorithm tells them apart.
pub(super) fn key(algorithm: SignatureAlgorithm) -> Key {
    use SignatureAlgorithm as A;
    match algorithm {
        A::Hs256 | A::Hs384 | A::Hs512 => Key::secret(algorithm, TEST_SECRET),
        A::Rs256 | A::Rs384 | A::Rs512 | A::Ps256 | A::Ps384 | A::Ps512 => {
            Key::pem(algorithm, TEST_RSA)
        }
        A::Es256 => Key::pem(algorithm, TEST_P256),
        A::Es384 => Key::pem(algorithm, TEST_P384),
        A::EdDsa => Key::pem(algorithm, TEST_ED25519),
    }
    .unwrap()
}

/// The algorithm's name in a header, and what signs as the [`key`] of it.
pub(super) fn signer(algorithm: SignatureAlgorithm) -> (jsonwebtoken::Algorithm, EncodingKey) {
    use SignatureAlgorithm as A;
    let key = match algorithm {
        A::Hs256 | A::Hs384 | A::Hs512 => EncodingKey::from_secret(TEST_SECRET),
        A::Rs256 | A::Rs384 | A::Rs512 | A::Ps256 | A::Ps384 | A::Ps512 => {
            EncodingKey::from_rsa_pem(TEST_RSA_PRIVATE.as_bytes()).unwrap()
        }
        A::Es256 => EncodingKey::from_ec_pem(TEST_P256_PRIVATE.as_bytes()).unwrap(),
        A::Es384 => EncodingKey::from_ec_pem(TEST_P384_PRIVATE.as_bytes()).unwrap(),
        A::EdDsa => EncodingKey::from_ed_pem(TEST_ED25519_PRIVATE.as_bytes()).unwrap(),
    };
    (algorithm.as_str().parse().unwrap(), key)
}
