/* AWS credentials from the environment or from the profiles of ~/.aws. */
#ifndef AWS_PROFILE_H
#define AWS_PROFILE_H

/* Strings are owned (malloc), NULL when not set. */
struct s3_credentials {
    char *key_id, *secret;
    char *token;    /* of a session */
    char *region;   /* from the environment or the profile */
    char *endpoint; /* from the environment or the profile */
    char *origin;   /* for people: "the environment", "profile logs of /root/.aws/credentials" */
};

/* Finds credentials by the rules of the AWS tools: those of PROFILE when it is given; else
 * AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; else those of the profile
 * AWS_PROFILE or "default".  Profiles are read from AWS_SHARED_CREDENTIALS_FILE
 * (~/.aws/credentials) and AWS_CONFIG_FILE (~/.aws/config); keys in the former win.  Region and
 * endpoint: AWS_REGION, AWS_DEFAULT_REGION; AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL; else of the
 * profile.  That the files cannot be read is no error where the environment has a key and its
 * secret and no profile is named.
 * https://docs.aws.amazon.com/sdkref/latest/guide/creds-config-files.html
 * Returns 0, or -1 after printing one line. */
int s3_credentials_find(struct s3_credentials *credentials, const char *profile);

/* Overwrites the secrets, then frees. */
void s3_credentials_free(struct s3_credentials *credentials);

#endif
