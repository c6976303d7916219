package AwsServices;

# The services of AWS that give keys, on loopback (tests/aws-services), and a home folder to use them from.
#
#     my $aws = AwsServices->new;
#     $aws->behave( sts => { status => 500 } );     what a service does instead; the next call replaces all
#     my @requests = $aws->requests('sts');         what a service was asked for, {method, path, headers, body}

use strict;
use warnings;
use File::Temp ();
use FindBin    ();
use JSON::PP   ();
use Program    qw(content write_file);

sub new {
    my ($class) = @_;
    my $folder = File::Temp->newdir;
    my $self = bless { folder => $folder, owner => $$ }, $class;
    pipe my $stdin_read, $self->{stdin}   or die "pipe: $!\n";
    pipe my $stdout,     my $stdout_write or die "pipe: $!\n";
    $self->{pid} = fork // die "fork: $!\n";
    if ( !$self->{pid} ) {
        close $self->{stdin};
        open STDIN,  '<&', $stdin_read   or die;
        open STDOUT, '>&', $stdout_write or die;
        exec 'python3', "$FindBin::Bin/aws-services", "$folder" or die "python3: $!\n";
    }
    close $stdout_write;
    chomp( $self->{port} = <$stdout> // die "tests/aws-services does not start\n" );
    mkdir "$folder/home";
    mkdir "$folder/home/.aws";
    return $self;
}

sub endpoint { return "http://127.0.0.1:$_[0]{port}" }
sub folder   { return "$_[0]{folder}" }
sub home     { return "$_[0]{folder}/home" }

# The environment in which every service is this one.
sub environment {
    my ($self) = @_;
    my $endpoint = $self->endpoint;
    return (
        HOME                              => $self->home,
        AWS_ENDPOINT_URL_STS              => "$endpoint/sts",
        AWS_ENDPOINT_URL_SSO              => "$endpoint/sso",
        AWS_ENDPOINT_URL_SSO_OIDC         => "$endpoint/oidc",
        AWS_EC2_METADATA_SERVICE_ENDPOINT => "$endpoint/imds/",
        AWS_METADATA_SERVICE_TIMEOUT      => 60,
    );
}

# Writes a file of ~/.aws, or removes it.
sub put {
    my ( $self, $name, $text ) = @_;
    my $path = $self->home . "/.aws/$name";
    if ( !defined $text ) {
        unlink $path;
        return $path;
    }
    return write_file( $path, $text );
}

sub behave {
    my ( $self, %rules ) = @_;
    write_file( "$self->{folder}/behaviour.new", JSON::PP::encode_json( \%rules ) );
    rename "$self->{folder}/behaviour.new", "$self->{folder}/behaviour" or die;
    return;
}

sub requests {
    my ( $self, $service ) = @_;
    my $log = "$self->{folder}/requests";
    my @requests = map { JSON::PP::decode_json($_) } split /\n/, -e $log ? content($log) : '';
    return grep { !defined $service || $_->{service} eq $service } @requests;
}

sub forget {
    my ($self) = @_;
    unlink "$self->{folder}/requests";
    return;
}

sub DESTROY {
    my ($self) = @_;
    return if $self->{owner} != $$;
    local ( $?, $! );
    close $self->{stdin};
    waitpid $self->{pid}, 0;
    return;
}

1;
