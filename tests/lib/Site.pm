package Site;

# A site of the helper with its own ledger: writes the configuration file, fills the source, runs the commands.

use strict;
use warnings;
use File::Path qw(make_path);
use File::Temp ();
use DBI        ();
use Program    qw(helper run);

# source => WHERE: a folder below the scratch folder, which is made, unless it names a bucket, or is a list of sources
# any other setting of the configuration file
sub new {
    my ( $class, %setting ) = @_;
    my $dir = File::Temp->newdir;
    my $self = bless { dir => $dir, name => delete $setting{name} // 'cdn', number => 0 }, $class;
    $self->{source} = delete $setting{source} // "$dir/logs";
    make_path( $self->{source} ) if !ref $self->{source} && $self->{source} !~ m{^s3://};
    $self->{setting} = { source => $self->{source}, state => "$dir/state/cdn.db", %setting };
    $self->configure;
    return $self;
}

sub dir   { return "$_[0]{dir}" }
sub state { return $_[0]{setting}{state} }

# Changes settings and writes the configuration file again; a list of values is a line each.
sub configure {
    my ( $self, %setting ) = @_;
    my $all = $self->{setting};
    %$all = ( %$all, %setting );
    open my $out, '>', "$self->{dir}/conf" or die "$!\n";
    print $out "[$self->{name}]\n", map { _lines( $_, $all->{$_} ) } sort keys %$all;
    close $out or die "$!\n";
    return;
}

sub _lines {
    my ( $setting, $value ) = @_;
    return map { "$setting = $_\n" } ref $value ? @$value : $value // ();
}

# Returns a log with one record for each path, a second apart.
sub log_text {
    my @path = @_;
    my $second = 0;
    return
"#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-bytes cs(Host) cs(Referer) cs(User-Agent)\n"
      . join '',
      map { sprintf "2026-10-31\t10:%02d:%02d\t192.0.2.1\tGET\t%s\t200\t1\n", $second / 60 % 60, $second++ % 60, $_ }
      @path;
}

# Puts an object into the source folder, whole or not at all; the name may contain folders.
sub put {
    my ( $self, $name, $content ) = @_;
    my $temporary = "$self->{dir}/new." . $self->{number}++;
    open my $out, '>:raw', $temporary or die "$temporary: $!\n";
    print $out $content;
    close $out or die "$!\n";
    my $path = "$self->{source}/$name";
    make_path( $path =~ m{^(.*)/} );
    rename $temporary, $path or die "$path: $!\n";
    return $path;
}

sub command {
    my ( $self, $command, @option ) = @_;
    return ( helper(), $command, '--config', "$self->{dir}/conf", '--site', $self->{name}, @option );
}

# Runs cat; returns {status, out, err, id, rows, paths, end}.  COMMIT: "later", the batch stays open for
# commit(); "never", it is only looked at; nothing, cat commits it.
sub cat {
    my ( $self, $commit, @option ) = @_;
    return result( run( $self->command( 'cat', _end_option($commit), @option ) ) );
}

sub _end_option {
    my $commit = shift || 'now';
    return { later => ['--prepare'], never => [], now => ['--commit'] }->{$commit}->@*;
}

sub cat_later { my ( $self, @option ) = @_; return $self->cat( 'later', @option ) }

# Starts cat beside the test; Site::result(finish(...)) returns what cat() would.
sub start {
    my ( $self, $commit, @option ) = @_;
    return Program::start( $self->command( 'cat', _end_option($commit), @option ) );
}

sub result {
    my ( $status, $out, $err ) = @_;
    my %result = ( status => $status, out => $out, err => $err );
    ( $result{id} ) = $out =~ /^#Batch: (\S+)$/m;
    ( $result{end} ) = $out =~ /^#End: (.*)\n\z/m;
    $result{rows} = [ map { [ split /\t/ ] } grep { !/^#/ } split /\n/, $out ];
    $result{paths} = join ' ', map { $_->[7] } @{ $result{rows} };
    return \%result;
}

# Returns the output of status; dies when status fails.
sub report {
    my ( $self, @option ) = @_;
    my ( $status, $out, $err ) = $self->status(@option);
    die "status: exit status $status: $err" if $status;
    return $out;
}

# Runs an SQL statement on the ledger; VALUES replace its question marks.  Returns the number of changed rows.
sub change_ledger {
    my ( $self, $statement, @values ) = @_;
    my $ledger = DBI->connect( 'dbi:SQLite:dbname=' . $self->state, '', '', { RaiseError => 1 } );
    my $count = $ledger->do( $statement, undef, @values );
    $ledger->disconnect;
    return $count + 0;
}

sub commit {
    my ( $self, $id, @option ) = @_;
    return run( $self->command( 'commit', '--batch', $id, @option ) );
}

sub status {
    my ( $self, @option ) = @_;
    return run( $self->command( 'status', @option ) );
}

1;
