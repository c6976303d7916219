#!/usr/bin/perl
# Whose keys sign, when several sources of credentials could give some: a table of every pair, and set-ups that are
# easily taken for another.  Debian's awscli, where it is installed, must say the same: it is asked about every fifth of
# them, and in make soak about all.  Both reach the services by their own names, through a proxy to loopback.
use strict;
use warnings;
use Test::More;
use Digest::SHA qw(sha1_hex);
use FindBin     qw($Bin);
use JSON::PP    ();
use lib "$Bin/lib";
use AwsServices;
use Program qw(helper run write_file);
use Soak    qw(is_soak);

my $helper = helper();
my $aws = AwsServices->new;
my ( $home,       $folder ) = ( $aws->home, $aws->folder );
my ( $cli_status, $cli_version ) = run( "$Bin/aws-identity", 'version' );
note( $cli_status ? 'awscli is missing: nothing is compared with it' : "compared with awscli $cli_version" );

# A CA for all services, and what each case has in its environment.
run(
    'openssl', 'req',      '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
    '-subj',   '/CN=test', '-keyout', "$folder/key.pem", '-out', "$folder/cert.pem",
    '-addext', 'subjectAltName=' . join ',', map { "DNS:$_" }
      ( map { ( "sts.$_.amazonaws.com", "portal.sso.$_.amazonaws.com" ) } 'eu-west-1', 'us-east-1' ),
    'sts.amazonaws.com'
);
delete $ENV{$_} for grep { ( /^AWS_/ || /_proxy\z/i ) } keys %ENV;
my $token = write_file( "$folder/identity", 'eyJhbGciOi.eyJpc3MiOi.c2ln' );
my %always = (
    HOME                              => $home,
    HTTPS_PROXY                       => $aws->endpoint,
    AWS_CA_BUNDLE                     => "$folder/cert.pem",
    AWS_EC2_METADATA_SERVICE_ENDPOINT => $aws->endpoint . '/imds/',
    AWS_METADATA_SERVICE_TIMEOUT      => '60',
    AWS_REGION                        => 'eu-west-1',
    AWS_DEFAULT_REGION                => 'eu-west-1',
    AWS_STS_REGIONAL_ENDPOINTS        => 'regional',
);
mkdir "$home/.aws/sso";
mkdir "$home/.aws/sso/cache";
my $sso_token = '{"accessToken":"sso-t0ken","expiresAt":"2099-01-01T00:00:00Z","region":"eu-west-1"}';
$aws->put( 'sso/cache/' . sha1_hex('https://x.example/start') . '.json', $sso_token );
write_file( "$folder/process",
    "#!/bin/sh\necho '{\"Version\": 1, \"AccessKeyId\": \"AKIDPROC\", \"SecretAccessKey\": \"s3kr1t/AKIDPROC\"}'\n" );
chmod 0700, "$folder/process";

sub key { return "aws_access_key_id = $_[0]\naws_secret_access_key = s3kr1t/$_[0]\n" }

# The sources in their order: the keys that they give, and what is there of each: variables, lines of the profile in
# config, lines of the profile in credentials.
my @sources = (
    [ environment => 'AKIDENV', { AWS_ACCESS_KEY_ID => 'AKIDENV', AWS_SECRET_ACCESS_KEY => 's3kr1t/AKIDENV' }, '', '' ],
    [ role => 'ROLE-reader',    {}, "role_arn = arn:aws:iam::123456789012:role/reader\nsource_profile = base\n",   '' ],
    [
        'web identity of the environment' => 'WEB-env',
        { AWS_WEB_IDENTITY_TOKEN_FILE => $token, AWS_ROLE_ARN => 'arn:aws:iam::123456789012:role/env' },
        '', ''
    ],
    [
        'web identity of the profile' => 'WEB-pod',
        {}, "web_identity_token_file = $token\nrole_arn = arn:aws:iam::123456789012:role/pod\n", ''
    ],
    [
        SSO => 'SSO-ops',
        {},
        "sso_start_url = https://x.example/start\nsso_region = eu-west-1\nsso_account_id = 123456789012\n"
          . "sso_role_name = ops\n", ''
    ],
    [ 'keys of credentials' => 'AKIDCRED', {}, '',                                       key('AKIDCRED') ],
    [ process               => 'AKIDPROC', {}, "credential_process = $folder/process\n", '' ],
    [ 'keys of config'      => 'AKIDCONF', {}, key('AKIDCONF'),                          '' ],
    [ container => 'ECS',                  { AWS_CONTAINER_CREDENTIALS_FULL_URI => $aws->endpoint . '/ecs' }, '', '' ],
    [ 'EC2'     => 'IMDS-machine',         {},                                                                '', '' ],
);

# A case: {name, key, environment, profile, config, credentials}; the key is undef when the set-up must be refused.
my @cases;

sub add {
    my ( $name, $key, %more ) = @_;
    push @cases, { name => $name, key => $key, environment => {}, config => '', credentials => '', %more };
    return;
}

my $base = "[base]\n" . key('AKIDBASE');
for my $i ( 0 .. $#sources ) {
    for my $j ( $i .. $#sources ) {
        my ( $name,  $key,       $first,  $config, $credentials ) = @{ $sources[$i] };
        my ( $other, $other_key, $second, $more,   $more_credentials ) = @{ $sources[$j] };
        if ( $i != $j ) {
            $name .= " before $other";
            if ( "$config$more" =~ /role_arn.*role_arn/s ) {
                $more =~ s/^role_arn.*\n//m;
                ( $name, $key ) = ( "$other before $sources[$i][0]", 'WEB-reader' );
            }
            $config      .= $more;
            $credentials .= $more_credentials;
        }

        # With a role's ARN and a token's file from different places, the role of the environment is taken.
        add(
            $name, $key,
            environment => { %$second, %$first },
            config      => "[default]\n$config",
            credentials => "$base\[default]\n$credentials"
        );
    }
}
my $table = @cases;

# An option that names a profile: the environment's keys and roles do not count.
my ($role) = map { $_->[3] } grep { $_->[0] eq 'role' } @sources;
my %web = %{ $sources[2][2] };
my %env = %{ $sources[0][2] };
my $logs = "[profile logs]\n";
add(
    '--profile before the environment', 'AKIDCRED',
    environment => \%env,
    profile     => 'logs',
    credentials => "[logs]\n" . key('AKIDCRED')
);
add(
    '--profile before a web identity of the environment', 'AKIDCRED',
    environment => \%web,
    profile     => 'logs',
    credentials => "[logs]\n" . key('AKIDCRED')
);
add(
    'the environment before AWS_PROFILE', 'AKIDENV',
    environment => { %env, AWS_PROFILE => 'logs' },
    credentials => "[logs]\n" . key('AKIDCRED')
);
add(
    'AWS_DEFAULT_PROFILE', 'AKIDCRED',
    environment => { AWS_DEFAULT_PROFILE => 'logs' },
    credentials => "[default]\n" . key('AKIDNOT') . "[logs]\n" . key('AKIDCRED')
);
add(
    'AWS_PROFILE and AWS_DEFAULT_PROFILE', 'AKIDCRED',
    environment => { AWS_DEFAULT_PROFILE => 'logs', AWS_PROFILE => 'logs' },
    credentials => "[default]\n" . key('AKIDNOT') . "[logs]\n" . key('AKIDCRED')
);
add( 'a profile that does not exist', undef, environment => { AWS_PROFILE => 'logs' }, credentials => $base );
add(
    'a profile that does not exist, and keys', undef,
    environment => { %env, AWS_PROFILE => 'logs' },
    credentials => $base
);
add( 'a region is no profile without keys', 'IMDS-machine', config => "[default]\nregion = eu-west-1\n" );
add( 'a named profile with a region', 'IMDS-machine', profile => 'logs', config => "${logs}region = eu-west-1\n" );
add(
    'a secret alone is no key', 'AKIDCRED',
    environment => { AWS_SECRET_ACCESS_KEY => 'x' },
    credentials => "[default]\n" . key('AKIDCRED')
);
add( 'an empty key', undef, credentials => "[default]\naws_access_key_id =\naws_secret_access_key =\n" );
add(
    'an empty key before the keys of config', undef,
    credentials => "[default]\naws_access_key_id = # later\n",
    config      => "[default]\n" . key('AKIDCONF')
);
add(
    'an empty key beside a role', 'ROLE-reader',
    config      => "[default]\n$role",
    credentials => "$base\[default]\naws_access_key_id =\n"
);
add( 'a key without its secret', undef, credentials => "[default]\naws_access_key_id = AKIDCRED\n" );
add(
    'a secret without its key', 'AKIDCONF',
    credentials => "[default]\naws_secret_access_key = x\n",
    config      => "[default]\n" . key('AKIDCONF')
);
add( 'web identity without a role', undef, environment => { AWS_WEB_IDENTITY_TOKEN_FILE => $token } );
add(
    "a web identity's token of the environment, the role of the profile", 'WEB-pod',
    environment => { AWS_WEB_IDENTITY_TOKEN_FILE => $token },
    config      => "[default]\nrole_arn = arn:aws:iam::123456789012:role/pod\nweb_identity_token_file = /nowhere\n"
);

# Roles.
add(
    'a role of a role', 'ROLE-second',
    config      => "[default]\nrole_arn = arn:aws:iam::1:role/second\nsource_profile = logs\n$logs$role",
    credentials => $base
);
add( 'a role whose source has both, a role and keys',
    'ROLE-second',
    config => "[default]\nrole_arn = arn:aws:iam::1:role/second\nsource_profile = logs\n$logs$role" . key('AKIDCONF') );
add( 'a role with its own keys',
    'ROLE-own',
    config => "[default]\nrole_arn = arn:aws:iam::1:role/own\nsource_profile = default\n" . key('AKIDCONF') );
add( 'a role that is its own source',
    undef, config => "[default]\nrole_arn = arn:aws:iam::1:role/own\nsource_profile = default\n" );
add(
    'two roles that are their sources',
    undef,
    config => "[default]\nrole_arn = arn:aws:iam::1:role/a\nsource_profile = logs\n"
      . "${logs}role_arn = arn:aws:iam::1:role/b\nsource_profile = default\n"
);
add(
    'a role without a source', undef,
    config      => "[default]\nrole_arn = arn:aws:iam::1:role/a\n",
    credentials => $base
);
add(
    'a role with both sources', undef,
    config      => "[default]\n${role}credential_source = Environment\n",
    credentials => $base,
    environment => \%env,
    profile     => 'default'
);
add( 'a role of a source that does not exist', undef, config => "[default]\n$role" );
add( 'a role of a source without keys', undef, config => "[default]\n$role\[profile base]\nregion = eu-west-1\n" );
my $sourced = "[default]\nrole_arn = arn:aws:iam::1:role/sourced\ncredential_source = ";
add(
    'a role of the environment', 'ROLE-sourced',
    config      => "${sourced}Environment\n",
    environment => \%env,
    profile     => 'default'
);
add( 'a role of EC2', 'ROLE-sourced', config => "${sourced}Ec2InstanceMetadata\n" );
add(
    'a role of a container', 'ROLE-sourced',
    config      => "${sourced}EcsContainer\n",
    environment => { AWS_CONTAINER_CREDENTIALS_FULL_URI => $aws->endpoint . '/ecs' }
);
add( 'a role of no such source',              undef, config => "${sourced}Elsewhere\n" );
add( 'a role of an environment without keys', undef, config => "${sourced}Environment\n" );
add( 'a role of a program',
    'ROLE-reader', config => "[default]\n$role\[profile base]\ncredential_process = $folder/process\n" );
add( 'a role of SSO',            'ROLE-reader', config => "[default]\n$role\[profile base]\n$sources[4][3]" );
add( 'a role of a web identity', 'ROLE-reader', config => "[default]\n$role\[profile base]\n$sources[3][3]" );

# The files.
add( 'names in capitals',
    'AKIDCRED', credentials => "[default]\nAWS_ACCESS_KEY_ID = AKIDCRED\nAws_Secret_Access_Key = s3kr1t/AKIDCRED\n" );
add( 'an indented section',
    'AKIDCRED',
    credentials => "[default]\n  aws_access_key_id = AKIDCRED\n  aws_secret_access_key = s3kr1t/AKIDCRED\n" );
add( 'CR LF',                 'AKIDCRED', credentials => "[default]\n" . key('AKIDCRED') =~ s/\n/\r\n/gr );
add( 'colons',                'AKIDCRED', credentials => "[default]\n" . key('AKIDCRED') =~ s/ = / : /gr );
add( 'a quoted name',         'AKIDCONF', profile => 'my logs', config => "[profile 'my logs']\n" . key('AKIDCONF') );
add( 'a quoted name, double', 'AKIDCONF', profile => 'logs',    config => "[profile \"logs\"]\n" . key('AKIDCONF') );
add( 'a space behind the name, credentials', 'IMDS-machine', credentials => "[default ]\n" . key('AKIDCRED') );
add( 'a space before the name, credentials', 'IMDS-machine', credentials => "[ default]\n" . key('AKIDCRED') );
add( 'a space behind [default], config',     'IMDS-machine', config      => "[default ]\n" . key('AKIDCONF') );
add( 'a space before "profile"', undef,      profile => 'logs', config => "[ profile logs]\n" . key('AKIDCONF') );
add( 'a space behind a profile', 'AKIDCONF', profile => 'logs', config => "[profile logs ]\n" . key('AKIDCONF') );
add( '[default] and [profile default]',
    'AKIDCONF', config => "[default]\n" . key('AKIDNOT') . "[profile default]\n" . key('AKIDCONF') );
add( '[profile default] and [default]',
    'AKIDCONF', config => "[profile default]\n" . key('AKIDNOT') . "[default]\n" . key('AKIDCONF') );
add( 'a section without "profile" in config', undef, profile => 'logs', config => "[logs]\n" . key('AKIDCONF') );
add(
    '[DEFAULT] before config', 'AKIDCRED',
    credentials => "[DEFAULT]\n" . key('AKIDCRED') . "[default]\nx = y\n",
    config      => "[default]\n" . key('AKIDCONF')
);
add(
    '[DEFAULT] of a profile', 'ROLE-reader',
    config      => "[DEFAULT]\n" . key('AKIDDEF') . "[default]\n$role",
    credentials => $base
);
add( '[DEFAULT] alone', 'IMDS-machine', credentials => "[DEFAULT]\n" . key('AKIDNOT') );
add( '[DEFAULT] twice', 'AKIDCRED',     credentials => "[DEFAULT]\na = b\n[default]\n[DEFAULT]\n" . key('AKIDCRED') );
add( 'nested settings',
    'AKIDCRED', credentials => "[default]\ns3 =\n  aws_access_key_id = AKIDNOT\n" . key('AKIDCRED') );
add( 'a command of two lines', 'AKIDPROC', config => "[default]\ncredential_process = $folder/process\n  --more\n" );
add( 'a section twice',        undef,      credentials => "[default]\n" . key('AKIDCRED') . "[default]\nregion = x\n" );
add( 'a setting twice',        undef,      credentials => "[default]\n" . key('AKIDCRED') . key('AKIDNOT') );
add( 'a line of no kind',      undef,      credentials => "[default]\nx\n" . key('AKIDCRED') );
add(
    "$_->[0]: empty: no file", $_->[1],
    environment => { $_->[0] => '' },
    credentials => "[default]\n" . key('AKIDCRED'),
    config      => "[default]\n" . key('AKIDCONF')
) for [ AWS_SHARED_CREDENTIALS_FILE => 'AKIDCONF' ], [ AWS_CONFIG_FILE => 'AKIDCRED' ];
add(
    'both variables of files: empty', 'IMDS-machine',
    environment => { AWS_SHARED_CREDENTIALS_FILE => '', AWS_CONFIG_FILE => '' },
    credentials => "[default]\n" . key('AKIDNOT'),
    config      => "[default]\n" . key('AKIDNOT')
);
add(
    'a profile of no file', undef,
    profile     => 'logs',
    environment => { AWS_SHARED_CREDENTIALS_FILE => '' },
    credentials => "[logs]\n" . key('AKIDNOT'),
    says        => qr/no AWS profile logs in the file that AWS_SHARED_CREDENTIALS_FILE names \(none now\) or \S+config;/
);
add(
    'paths with variables', 'AKIDCRED',
    environment => { AWS_SHARED_CREDENTIALS_FILE => '$HOME/${PART}more', PART => 'and' },
    credentials => '',
    andmore     => "[default]\n" . key('AKIDCRED')
);

# Each case has a home of its own, so that awscli can be asked about all of them at once.
for my $number ( 0 .. $#cases ) {
    my $case = $cases[$number];
    my $own = "$folder/home$number";
    mkdir $own;
    mkdir "$own/.aws";
    symlink "$home/.aws/sso", "$own/.aws/sso";
    write_file( "$own/.aws/$_", $case->{$_} ) for grep { length $case->{$_} } qw(config credentials);
    write_file( "$own/andmore", $case->{andmore} ) if $case->{andmore};
    $case->{environment} = { %always, HOME => $own, %{ $case->{environment} } };
}

# awscli waits for two seconds for a container, whatever the machine does meanwhile: so it is asked again where it finds
# nothing.
my %theirs;
if ( !$cli_status ) {
    my @asked = grep { is_soak() || $_ % 5 == 0 } 0 .. $#cases;
    for my $time ( 1 .. 5 ) {
        my @open = grep { !exists $theirs{$_} || ( !$theirs{$_} && $cases[$_]{key} ) } @asked or last;
        my $questions = write_file( "$folder/cases",
            JSON::PP->new->canonical->encode( [ map { +{ %$_{qw(environment profile)} } } @cases[@open] ] ) );
        local $ENV{HOME} = $home;    # awscli looks for the cache of SSO in the home of its start
        my ( $status, $out, $err ) = run( { in => $questions }, "$Bin/aws-identity" );
        is( $status, 0, 'awscli has answered' ) or diag($err);
        @theirs{@open} = @{ JSON::PP::decode_json($out) };
    }
    cmp_ok( scalar keys %theirs, '>', 10, 'awscli was asked' );
}
for my $number ( 0 .. $#cases ) {
    my $case = $cases[$number];
    my ( $name, $key ) = @$case{qw(name key)};
    local @ENV{ keys %{ $case->{environment} } } = values %{ $case->{environment} };
    $aws->forget;
    my ( $status, $out, $err ) = run( $helper, 'cat', 's3://logs/x', '--endpoint', $aws->endpoint,
        defined $case->{profile} ? ( '--profile', $case->{profile} ) : () );
    my ($request) = $aws->requests('s3');
    my ($found) = $request ? $request->{headers}{authorization} =~ m{Credential=(.*?)(?:-\d+)?/} : undef;
    is( $found,  $key,                 $name )                or diag($err);
    is( $status, defined $key ? 0 : 1, "$name: exit status" ) or diag($err);
    unlike( "$out$err", qr/s3kr1t|t0ken|eyJ/, "$name: no secret in a message" );
    is( $err =~ tr/\n//, 1, "$name: one line" ) or diag($err) if !defined $key;
    like( $err, $case->{says}, "$name: message" ) if $case->{says};
    next if !exists $theirs{$number};
    my $their_key = $theirs{$number} && $theirs{$number} =~ s/-\d+\z//r;
    is( $their_key, $key, "$name: awscli says the same" );
}
cmp_ok( $table, '==', 55, 'every pair was in the table' );

done_testing;
