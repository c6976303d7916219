# Gives AWStats 7.9 and 8.0 the function that they call when they read the sizes of files in XML, and lack.  The plugin
# cloudfront gives it to them, too.
sub Init_xmltext {
    *CleanFromTags = \&XMLDecodeFromHisto if !defined &CleanFromTags;
    return 'none';
}

1;
