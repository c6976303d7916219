package S3Server;

# A real S3 server on loopback: OpenStack Swift, see tests/s3-server.  One that tests/with-s3-server has started, which
# the environment names, or one of its own for as long as this object lives.  Either way the test has an account of
# its own, and so buckets that no other test sees.  A page of a listing has seven objects at most.

use strict;
use warnings;
use Digest::SHA qw(hmac_sha256 hmac_sha256_hex sha256_hex);
use File::Spec  ();
use File::Temp  ();
use HTTP::Tiny  ();
use IPC::Open2  qw(open2);
use List::Util  qw(first);
use POSIX       qw(strftime);

my $root = File::Spec->rel2abs(__FILE__);
$root =~ s{/tests/lib/[^/]+\z}{};

use constant PAGE => 7;

sub new {
    my ($class) = @_;
    my $server = $ENV{S3_SERVER} ? { map { split /=/, $_, 2 } split /\n/, $ENV{S3_SERVER} } : start();
    my $self = bless { %$server, home => File::Temp->newdir }, $class;

    # The first account that nobody has taken.
    my $number = first { mkdir "$server->{folder}/account-$_" } 1 .. $server->{accounts};
    $self->{key_id} = sprintf $server->{key_id}, $number // die "$server->{folder}: all accounts are taken\n";
    return $self;
}

# Starts a server; returns what S3_SERVER says of it, a NAME=VALUE a line, as a hash, and what stops it.
sub start {
    my $scratch = File::Temp->newdir( DIR => '/var/tmp' );
    my $pid = open2( my $out, my $in, "$root/tests/s3-server", "$scratch/swift", PAGE );
    my %server = map { /^(\w+)=(.*)$/ ? ( $1 => $2 ) : () } map { scalar <$out> // '' } 1 .. 5;
    if ( !$server{secret} ) {
        waitpid $pid, 0;
        die "tests/s3-server did not start\n";
    }
    return { %server, folder => "$scratch", scratch => $scratch, pid => $pid, owner => $$, in => $in };
}

# Stops a server that this process has started.
sub stop {
    my ($server) = @_;
    return if !$server->{pid} || $server->{owner} != $$;    # a shared one, or a forked child's copy
    local ( $?, $! );
    close $server->{in};
    waitpid delete $server->{pid}, 0;
    return;
}

sub endpoint { return $_[0]{endpoint} }
sub region   { return $_[0]{region} }
sub key_id   { return $_[0]{key_id} }
sub secret   { return $_[0]{secret} }

# The host and port to connect to.
sub address { return $_[0]{endpoint} =~ m{^http://(.*)$} ? $1 : die }

# Makes the AWS variables of %ENV those of this server, and nothing else of this machine's.
sub set_environment {
    my ($self) = @_;
    delete $ENV{$_} for grep { /^AWS_|_proxy\z/i } keys %ENV;
    $ENV{HOME} = "$self->{home}";
    $ENV{AWS_ACCESS_KEY_ID} = $self->key_id;
    $ENV{AWS_SECRET_ACCESS_KEY} = $self->secret;
    $ENV{AWS_REGION} = $self->region;
    $ENV{AWS_ENDPOINT_URL_S3} = $self->endpoint;
    return;
}

sub make_bucket {
    my ( $self, $bucket ) = @_;
    return $self->_request( 'PUT', "/$bucket", '' );
}

sub put {
    my ( $self, $bucket, $key, $content ) = @_;
    return $self->_request( 'PUT', "/$bucket/" . _encode($key), $content );
}

sub remove {
    my ( $self, $bucket, $key ) = @_;
    return $self->_request( 'DELETE', "/$bucket/" . _encode($key), '' );
}

sub get {
    my ( $self, $bucket, $key ) = @_;
    return $self->_request( 'GET', "/$bucket/" . _encode($key), '' )->{content};
}

# The keys of the objects whose keys begin with PREFIX, at most a page of them for each leap.
sub keys {
    my ( $self, $bucket, $prefix ) = @_;
    my @keys;
    while (1) {
        my $after = @keys ? '&start-after=' . _encode_all( $keys[-1] ) : '';
        my $response = $self->_request( 'GET', "/$bucket", '', "list-type=2&prefix=" . _encode_all($prefix) . $after );
        my @page = $response->{content} =~ m{<Key>(.*?)</Key>}g;
        push @keys, map { s/&lt;/</gr =~ s/&gt;/>/gr =~ s/&quot;/"/gr =~ s/&amp;/&/gr } @page;
        return @keys if $response->{content} !~ m{<IsTruncated>true<};
    }
    return;
}

sub _encode_all {
    my ($text) = @_;
    return _encode($text) =~ s{/}{%2F}gr;
}

sub _encode {
    my ($key) = @_;
    utf8::encode($key) if utf8::is_utf8($key);
    return $key =~ s/([^A-Za-z0-9._~\/-])/sprintf '%%%02X', ord $1/egr;
}

# A signature of its own, so that the helper's is never compared with itself.
sub _request {
    my ( $self, $method, $path, $content, $query ) = @_;
    my $time = strftime '%Y%m%dT%H%M%SZ', gmtime;
    my $day = substr $time, 0, 8;
    my $hash = sha256_hex($content);
    my $host = $self->address;
    my $names = 'host;x-amz-content-sha256;x-amz-date';
    my $scope = "$day/$self->{region}/s3/aws4_request";
    my $canonical = join "\n", $method, $path, $query // '', "host:$host", "x-amz-content-sha256:$hash",
      "x-amz-date:$time", '', $names, $hash;
    my $key = "AWS4$self->{secret}";
    $key = hmac_sha256( $_, $key ) for $day, $self->{region}, 's3', 'aws4_request';
    my $signature =
      hmac_sha256_hex( join( "\n", 'AWS4-HMAC-SHA256', $time, $scope, sha256_hex($canonical) ), $key );
    $self->{http} //= HTTP::Tiny->new( proxy => undef, http_proxy => undef, keep_alive => 1 );
    my $response = $self->{http}->request(
        $method,
        "http://$host$path" . ( defined $query ? "?$query" : '' ),
        {
            content => $content,
            headers => {
                'x-amz-date'           => $time,
                'x-amz-content-sha256' => $hash,
                'content-type'         => 'application/octet-stream',
                'authorization'        => "AWS4-HMAC-SHA256 Credential=$self->{key_id}/$scope,"
                  . "SignedHeaders=$names,Signature=$signature",
            },
        }
    );
    $response->{success} or die "$method $path: $response->{status} $response->{content}\n";
    return $response;
}

sub DESTROY { return stop( $_[0] ) }

1;
