"""Files and folders in memory, and what a power cut may leave of them.

A disk keeps two states: the one that processes see, and the one that fsync() has promised.  Contents
become durable by fsync() of the file, names by fsync() of the folder.  after_cut() makes one of the
states between both.  The models that a disk with a journal may be left in:

  all             everything is there: the processes died, the machine did not
  journal         names up to the last fsync() of anything; no contents but the synced ones
  names           all names; no contents but the synced ones: a new file is empty
  sizes           all names and sizes; contents that were not synced are zero bytes
  journal-random  names up to some moment after the last fsync(); some of the unsynced writes, some torn

and those of a disk without any order:

  synced          nothing but what was synced
  random          some of the unsynced names and writes; a rename between
                  two folders may be there by half
"""
import stat

JOURNALED = ('all', 'journal', 'names', 'sizes', 'journal-random')
STRICT = ('synced', 'random')
SECTOR = 512


class Node:
    """A file, folder or symbolic link."""

    def __init__(self, mode, uid=0, gid=0, target=None, data=b'', mtime=0):
        self.mode, self.uid, self.gid, self.target, self.mtime = mode, uid, gid, target, mtime
        self.data = bytearray(data)
        self.synced = bytes(data)
        self.unsynced = []          # changes of the data since the last fsync()
        self.names = {}             # of a folder: name => inode number
        self.synced_names = {}

    @property
    def is_folder(self):
        return stat.S_ISDIR(self.mode)

    def copy(self):
        new = Node(self.mode, self.uid, self.gid, self.target, self.synced, self.mtime)
        new.data[:] = self.data
        new.unsynced = list(self.unsynced)
        new.names, new.synced_names = dict(self.names), dict(self.synced_names)
        return new


def change_data(data, change):
    """Applies ('write', offset, bytes) or ('truncate', size) to a bytearray."""
    if change[0] == 'write':
        _, offset, part = change
        data.extend(bytes(max(0, offset - len(data))))
        data[offset:offset + len(part)] = part
    else:
        del data[change[1]:]
        data.extend(bytes(change[1] - len(data)))


class State:
    """All nodes by inode number; 1 is the root.  Each change is a tuple:

    ('write', inode, offset, bytes)
    ('truncate', inode, size)
    ('names', [(folder, name, inode or None), ...], None or (inode, new Node))
    ('attributes', inode, mode, uid, gid)       taken for durable: no update depends on their order
    ('sync', inode)
    ('nothing', inode)                          a sync that is left out
    """

    def __init__(self, nodes=None):
        self.nodes = nodes or {1: Node(stat.S_IFDIR | 0o755)}
        self.unsynced_names = []    # (number of the change, folder, name, inode or None)
        self.last_sync = self.number = 0

    def copy(self):
        new = State({inode: node.copy() for inode, node in self.nodes.items()})
        new.unsynced_names = list(self.unsynced_names)
        new.last_sync, new.number = self.last_sync, self.number
        return new

    def apply(self, change):
        self.number += 1
        what, subject, *rest = change
        if what == 'names':
            if rest[0]:
                inode, node = rest[0]
                self.nodes[inode] = node.copy()
            for folder, name, inode in subject:
                if inode is None:
                    self.nodes[folder].names.pop(name, None)
                else:
                    self.nodes[folder].names[name] = inode
                self.unsynced_names.append((self.number, folder, name, inode))
        elif what == 'attributes':
            node = self.nodes[subject]
            node.mode, node.uid, node.gid = rest
        elif what == 'sync':
            self.sync(subject)
        elif what != 'nothing':
            node = self.nodes[subject]
            change_data(node.data, (what, *rest))
            node.unsynced.append((what, *rest))

    def sync(self, inode):
        self.last_sync = self.number
        node = self.nodes[inode]
        if node.is_folder:
            node.synced_names = dict(node.names)
            self.unsynced_names = [entry for entry in self.unsynced_names if entry[1] != inode]
        else:
            node.synced = bytes(node.data)
            node.unsynced = []

    def kept_names(self, model, random):
        """The changes of names that the disk has, of those that were not synced."""
        if model in ('all', 'names', 'sizes'):
            return self.unsynced_names
        if model == 'random':
            whole = {number: random.random() < 0.5 for number, *_ in self.unsynced_names}
            is_atomic = random.random() < 0.8
            part = {(number, folder): random.random() < 0.5 for number, folder, *_ in self.unsynced_names}
            return [entry for entry in self.unsynced_names
                    if (whole[entry[0]] if is_atomic else part[entry[:2]])]
        last = {'synced': 0, 'journal': self.last_sync}.get(model)
        if last is None:
            last = random.randint(self.last_sync, self.number)
        return [entry for entry in self.unsynced_names if entry[0] <= last]

    @staticmethod
    def kept_data(node, model, random):
        """The bytes of a file that the disk has."""
        if model == 'all':
            return bytes(node.data)
        if model in ('synced', 'journal', 'names') or not node.unsynced:
            return node.synced
        data = bytearray(node.synced)
        for change in node.unsynced:
            if model == 'sizes':
                change_data(data, (*change[:2], bytes(len(change[2]))) if change[0] == 'write' else change)
                continue
            chance = random.random()
            if chance < 0.4:
                change_data(data, change)
            elif chance < 0.7 and change[0] == 'write':
                _, offset, part = change
                there = random.randint(0, len(part)) // SECTOR * SECTOR
                lost = bytes(len(part) - there) if random.random() < 0.5 else b''
                change_data(data, ('write', offset, part[:there] + lost))
        return bytes(data)

    def after_cut(self, model, random):
        """What the disk has after a power cut: {path: Node}, in which all is durable; a file of several
        names is one Node."""
        names = {inode: dict(node.synced_names) for inode, node in self.nodes.items() if node.is_folder}
        for _, folder, name, inode in self.kept_names(model, random):
            if inode is None:
                names[folder].pop(name, None)
            else:
                names[folder][name] = inode
        found, made = {}, {}

        def walk(folder, path, above):
            for name, inode in sorted(names[folder].items()):
                node = self.nodes[inode]
                if node.is_folder and inode in above:
                    continue            # a rename that is there by half
                if inode not in made:
                    data = b'' if node.is_folder else self.kept_data(node, model, random)
                    made[inode] = Node(node.mode, node.uid, node.gid, node.target, data, node.mtime)
                found[path + name] = made[inode]
                if node.is_folder:
                    walk(inode, path + name + b'/', above | {inode})

        walk(1, b'', {1})
        return found
