#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H
/*
 * Every cap of the house, with its unit and the reason for its size. Reaching one is never silent:
 * it ends as ERR_LIMIT, whose text names the cap, and as a gap in the coverage ledger.
 */

/* JSON and YAML */
/* bytes of one JSON text: four times LIMIT_CONFIG_BYTES; lengths have 32 bits */
#define LIMIT_JSON_BYTES (1u << 30)
/* levels; JSONTestSuite nests 500 in the documents that must be read */
#define LIMIT_JSON_DEPTH 512
/* nodes; an 80 MB Terraform plan has about 6 million */
#define LIMIT_JSON_NODES 64000000
/* levels; hand-written configuration stays under 20 */
#define LIMIT_YAML_DEPTH 100
/* nodes after aliases are expanded; stops the billion laughs */
#define LIMIT_YAML_NODES 2000000
/* anchors in a document; each alias looks through them */
#define LIMIT_YAML_ANCHORS 10000
/* aliases in a document */
#define LIMIT_YAML_ALIASES 10000
/* bytes of one configuration document: large Terraform plans reach 100 MB */
#define LIMIT_CONFIG_BYTES (256u << 20)
/* bytes that substitution (parameters, joins) may build for one document */
#define LIMIT_CONFIG_BUILT_BYTES (256u << 20)
/* datasets of a data catalogue: the closure over lineage keeps a row for each */
#define LIMIT_CATALOG_DATASETS 10000
/* different categories, or jurisdictions, of a catalogue: taxonomies have about 85 */
#define LIMIT_CATALOG_LABELS 256
/* resources that one unknown attribute is said to refer to */
#define LIMIT_PLAN_REFS 64
/* steps of a Terraform address: two a module, and modules nest a few levels */
#define LIMIT_PLAN_STEPS 64
/* variables and outputs followed from a reference to a resource */
#define LIMIT_PLAN_HOPS 32
/* references and instances looked at for one unknown attribute */
#define LIMIT_PLAN_WORK 2000
/* bytes of one policy, trust, waiver or gate file: written by people */
#define LIMIT_POLICY_BYTES (16u << 20)

/* IAM */
/* policies of one principal with those of its groups: AWS allows 20 managed ones each, 10 groups */
#define LIMIT_IAM_ATTACHED 1000
/* the same of all principals of a run together: 100,000 with 40 each */
#define LIMIT_IAM_ATTACHED_ALL 4000000
/* Things of one run that run as a role and are followed to it. */
#define LIMIT_IAM_RUNNERS 4000
/* texts of all policies of one comparison (actions, resources, values): those that AWS attaches to
 * one principal, 140 kB, on both sides have less */
#define LIMIT_IAM_COMPARE_TEXTS 30000
/* principals among them: 20,480 bytes, the most AWS takes, name 1,400 accounts, on each side */
#define LIMIT_IAM_COMPARE_PRINCIPALS 3000
/* pairs of an action and a statement that speaks of it, of one expansion */
#define LIMIT_IAM_EXPAND_PAIRS 4000000
/* statements of one policy that lint looks at: 20,480 bytes, the most AWS takes, hold 300 */
#define LIMIT_IAM_LINT_STATEMENTS 2000
/* findings of one policy; beyond them nobody reads on */
#define LIMIT_IAM_LINT_FINDINGS 10000
/* bytes of patterns that lint compares with each other; the largest policy of AWS takes a tenth */
#define LIMIT_IAM_LINT_WORK 400000000

/* Between worker and parent */
/* levels of a value in a frame: LIMIT_JSON_DEPTH and the fact around it */
#define LIMIT_WIRE_DEPTH 600
/* bytes of one frame: the largest fact is a policy document */
#define LIMIT_FRAME_BYTES (64u << 20)
/* facts of one worker: a 100,000-resource plan with room */
#define LIMIT_WORKER_FACTS 400000
/* bytes of all frames of one worker */
#define LIMIT_WORKER_BYTES (512ull << 20)
/* bytes of address space of a worker (RLIMIT_AS), plans excepted */
#define LIMIT_WORKER_MEMORY (1ull << 30)
/* the same for configuration: the tree of a 256 MB plan */
#define LIMIT_WORKER_PLAN_MEMORY (8ull << 30)
/* wall seconds of one worker: 2 GB take about 5 on a slow machine */
#define LIMIT_WORKER_SECONDS 600
/* CPU seconds (RLIMIT_CPU) */
#define LIMIT_WORKER_CPU_SECONDS 600

/* Inputs */
/* files of an input folder, members of an archive */
#define LIMIT_ENTRIES 200000
/* bytes of a path: PATH_MAX */
#define LIMIT_NAME_BYTES 4096
/* bytes of a manifest or index: image-spec asks registries for 4 MiB */
#define LIMIT_MANIFEST_BYTES (4u << 20)
/* bytes of an image configuration: long histories are about 100 KiB */
#define LIMIT_IMAGE_CONFIG_BYTES (16u << 20)
/* items of one list or map of an image configuration: hundreds occur */
#define LIMIT_IMAGE_CONFIG_ITEMS 20000
/* index in index; two occur */
#define LIMIT_INDEX_DEPTH 4
/* layers of an image: overlayfs mounts at most 500 */
#define LIMIT_LAYERS 512
/* paths of a merged image tree: large ML images hold 200,000 */
#define LIMIT_TREE_ENTRIES 1000000
/* bytes of all names and link targets of an image: 100 each for a million */
#define LIMIT_TREE_NAME_BYTES (128u << 20)
/* folders within folders of an image; PATH_MAX allows 2047 of one letter */
#define LIMIT_TREE_DEPTH 512
/* bytes of one name in a folder: NAME_MAX of every Linux file system */
#define LIMIT_FILE_NAME_BYTES 255
/* symbolic links followed for one path: what Linux follows */
#define LIMIT_LINK_WALK 40
/* manifests of an image layout with its signatures */
#define LIMIT_MANIFESTS 4096
/* bytes one compressed stream may give */
#define LIMIT_EXPANDED_BYTES (64ull << 30)
/* bytes out for a byte in; deflate cannot pass 1032 */
#define LIMIT_EXPAND_RATIO 1100
/* 128 MiB, what zstd --ultra -22 asks of a reader */
#define LIMIT_ZSTD_WINDOW_LOG 27
/* times a 7z archive is read again from its start, to go back in a member */
#define LIMIT_SEVENZIP_REOPENS 64
/* bytes of the dictionary of an lzma stream: xz -9 takes 64 MiB */
#define LIMIT_LZMA_DICTIONARY (256u << 20)
/* bytes decompressed again by going back in a stream */
#define LIMIT_REWIND_BYTES (16ull << 30)
/* bytes of one pax header or GNU long name */
#define LIMIT_TAR_PAX_BYTES (1u << 20)
/* links followed for one name inside an archive: docker-archive has one */
#define LIMIT_LINK_HOPS 8
/* warnings kept of one input; the rest is counted */
#define LIMIT_DIAGNOSTICS 1000

/* Images */
/* bytes of a file kept whole for a parser: a dpkg status of 5,000 packages is 10 MB */
#define LIMIT_CAPTURE_BYTES (64u << 20)
/* packages of an image */
#define LIMIT_PACKAGES 200000
/* secrets told of one image or model */
#define LIMIT_SECRETS 10000

/* Models */
/* containers within containers */
#define LIMIT_NESTING 8
/* objects on the stack of the pickle machine */
#define LIMIT_PICKLE_STACK 1000000
/* memo slots */
#define LIMIT_PICKLE_MEMO 4000000
/* bytes of one string that the machine keeps */
#define LIMIT_PICKLE_TEXT (16u << 20)
/* bytes of short strings kept for names that are put together later */
#define LIMIT_PICKLE_KEPT (16u << 20)
/* files beside a pickle that it names: old joblib wrote one for each array */
#define LIMIT_PICKLE_BESIDE 10000
/* files in bytes values of a pickle: PyTorch writes one for each storage */
#define LIMIT_PICKLE_NESTED 10000
/* different names a pickle file imports; a large training checkpoint has 200 */
#define LIMIT_PICKLE_IMPORTS 20000
/* Different numpy.dtype objects of one pickle; what goes beyond is a value that nobody can tell. */
#define LIMIT_PICKLE_DTYPES 65536
/* Dicts that describe the fields of structured types; a power of two. A type beyond is odd. */
#define LIMIT_PICKLE_FIELDS 4096
/* files and members of one model, containers opened */
#define LIMIT_MODEL_STREAMS 200000
/* bytes of all its streams together; stops bombs in bombs */
#define LIMIT_MODEL_BYTES (256ull << 30)
/* bytes of a compressed member that are kept whole, one for each level of nesting */
#define LIMIT_MODEL_SLURP (4u << 20)
/* objects in the code of one compiled module of Python, and levels: the largest of the standard
 * library has 60,000; CPython's own reader stops at 2000 levels */
#define LIMIT_MARSHAL_OBJECTS 2000000
#define LIMIT_MARSHAL_DEPTH 2000
/* Parts of objects of R that are still to be read, one for each level or so: R's own reader
 * overflows its stack long before. */
#define LIMIT_R_PENDING 1000000
/* symbols and environments of one serialized value of R: large workspaces have 100,000 */
#define LIMIT_R_REFERENCES 1000000
/* objects of a stream of Java that may be referred to: forests of 500 trees have a million */
#define LIMIT_JAVA_HANDLES 4000000
/* objects within objects; the virtual machine's own stack ends at some 10,000 */
#define LIMIT_JAVA_PENDING 1000000
/* different classes of such a stream; large models have 100 */
#define LIMIT_JAVA_CLASSES 4096
/* objects of a file of Torch in Lua that may be referred to; large networks have 10,000 */
#define LIMIT_TORCH7_OBJECTS 1000000
/* objects within each other; LuaJIT's own reader ends at some 200 */
#define LIMIT_TORCH7_PENDING 100000
/* bytes of a model of CRFsuite, whose offsets have 32 bits: the largest known have 40 MB */
#define LIMIT_CRFSUITE_BYTES (256u << 20)
/* levels of a structured dtype */
#define LIMIT_NPY_DEPTH 16
/* different names that one file of TorchScript or one graph calls; a large model has 200 */
#define LIMIT_CALL_NAMES 4096
/* bytes; the reference implementation's own cap is 100,000,000 */
#define LIMIT_SAFETENSORS_HEADER (100u << 20)
/* bytes of a Jinja template; the longest chat templates are about 60 KiB */
#define LIMIT_TEMPLATE_BYTES (1u << 20)
/* bytes of one string that a template puts together from literals */
#define LIMIT_TEMPLATE_TEXT (64u << 10)
/* bytes of all such strings and lists of one template */
#define LIMIT_TEMPLATE_WORK (32u << 20)
/* levels of an expression, tags within tags; Python's own compiler stops near 100 */
#define LIMIT_TEMPLATE_DEPTH 128
/* different names of one kind told of a template; chat templates use about 40 */
#define LIMIT_TEMPLATE_ITEMS 256
/* templates judged of one file: a tokenizer has one, or a few with names */
#define LIMIT_TEMPLATES 64
/* odd things of one document, of each kind, that are told */
#define LIMIT_DOCUMENT_ITEMS 1000
/* bytes of one YAML document of a model; libyaml reads about 20 MB/s */
#define LIMIT_MODEL_YAML (16u << 20)
/* bytes of a text that is read for what it makes a package manager install */
#define LIMIT_REQUIREMENTS (4u << 20)
/* bytes of the settings of a server beside a model: each line becomes a value of 150 bytes */
#define LIMIT_SETTINGS (256u << 10)
/* members of all zips of a model that are read although they share bytes: hidden ones, doubled
 * ones; honest archives have none, and zips in zips multiply them */
#define LIMIT_ZIP_SHARED 4096
/* members of a zip */
#define LIMIT_ZIP_MEMBERS 200000
/* bytes of the names of all members of a zip: 100 each, with room */
#define LIMIT_ZIP_NAMES (64u << 20)
/* bytes out for a byte in, of all of an archive past LIMIT_RATIO_FREE; weights give 1 to 10 */
#define LIMIT_ARCHIVE_RATIO 200
/* bytes up to which no ratio is asked: small files of zeros compress well and harm nobody */
#define LIMIT_RATIO_FREE (64ull << 20)
/* tensors of a model */
#define LIMIT_TENSORS 1000000
/* bytes of one record of TensorFlow: a message of protobuf is no longer */
#define LIMIT_RECORD_BYTES (2ull << 30)
/* dimensions of a tensor: NumPy 2 allows 64 */
#define LIMIT_DIMS 64
/* different operators of one graph: ONNX has about 250, TensorFlow 1,900 */
#define LIMIT_OP_FACTS 8192
/* bytes of their names, of functions' names and of places of external data */
#define LIMIT_OP_NAMES ((size_t)16 << 20)
/* tensors, places of external data or assets that are told of one file */
#define LIMIT_TENSOR_FACTS 10000
/* entries told of a model's own metadata, or its operator sets */
#define LIMIT_METADATA_KEYS 256
/* functions of a graph: the largest SavedModels have some 10,000 */
#define LIMIT_GRAPH_FUNCTIONS 200000
/* nodes of a graph that are followed, and their inputs: unrolled training graphs have 200,000 */
#define LIMIT_GRAPH_NODES 2000000
#define LIMIT_GRAPH_EDGES 8000000
/* different names of nodes, and their bytes: about 60 each */
#define LIMIT_GRAPH_NAMES 2000000
#define LIMIT_GRAPH_NAME_BYTES ((size_t)128 << 20)

/* different operators, classes or elements told of one file: the largest graphs have 300 */
#define LIMIT_TALLY_NAMES 4096
/* bytes of one such name; longer ones are cut */
#define LIMIT_TALLY_BYTES 1024
/* bytes of pages of a FlatBuffers file that are kept: small models fit whole */
#define LIMIT_FLATBUFFER_CACHE (64u << 20)
/* tables, vector elements and strings read of one such file: the largest models have 100,000 */
#define LIMIT_FLATBUFFER_STEPS 20000000
/* elements within each other in XML: trees in PMML nest once a level */
#define LIMIT_XML_DEPTH 4096
/* bytes of one XML name; of one attribute value that is kept */
#define LIMIT_XML_NAME 256
#define LIMIT_XML_TEXT 4096
/* bytes of a JSON document whose trees are read one at a time: 20 million nodes of 200 */
#define LIMIT_JSON_TREES_BYTES (4ull << 30)
/* bytes of one such tree: 80,000 nodes; larger ones are read with the whole document */
#define LIMIT_JSON_TREE (16u << 20)
/* levels of one such tree: CatBoost grows at most 64 splits on the way to a leaf */
#define LIMIT_JSON_TREE_DEPTH 72
/* bytes, values and levels of a UBJSON document: XGBoost's largest models are about 200 MB */
#define LIMIT_UBJSON_BYTES (256u << 20)
#define LIMIT_UBJSON_NODES 32000000
#define LIMIT_UBJSON_DEPTH 512
/* messages of all object headers of an HDF5 file; large checkpoints have 100,000 */
#define LIMIT_HDF5_MESSAGES 1000000
/* objects of an HDF5 file that links lead to */
#define LIMIT_HDF5_LINKS 1000000
/* bytes of all link names of an HDF5 file */
#define LIMIT_HDF5_NAMES (64u << 20)
/* groups within groups that a path names */
#define LIMIT_HDF5_DEPTH 256
/* pieces of an HDF5 file that do not touch: headers, chunks */
#define LIMIT_HDF5_EXTENTS 4000000
/* bytes of structures read of one HDF5 file, again and again where they are shared */
#define LIMIT_HDF5_READ (8ull << 30)
/* bytes of one attribute that is read as text */
#define LIMIT_HDF5_TEXT (64u << 20)
/* external files, links and sources told of one HDF5 file */
#define LIMIT_HDF5_REFERENCES 10000
/* dictionaries with a class of one Keras configuration that differ */
#define LIMIT_KERAS_LAYERS 20000

/* Policies */
/* rules of all packs */
#define LIMIT_RULES 10000
/* bytes of one expression */
#define LIMIT_CEL_BYTES (64u << 10)
/* levels of an expression; the grammar asks for 12 nested calls and 32 operators in a row */
#define LIMIT_CEL_DEPTH 250
/* steps of one evaluation */
#define LIMIT_CEL_STEPS 10000000
/* bytes one evaluation may build */
#define LIMIT_CEL_MEMORY (64u << 20)
/* variables of macros in scope at one place; people nest three or four */
#define LIMIT_CEL_LOCALS 1000
/* instructions of a regular expression; RE2 stops at a similar size */
#define LIMIT_REGEX_PROGRAM 10000
/* steps of a view path: CloudFormation nests about 10 */
#define LIMIT_VIEW_STEPS 32
/* files of a rule folder */
#define LIMIT_POLICY_FILES 20000
/* levels of a rule folder */
#define LIMIT_FOLDER_DEPTH 16
/* waivers of a file */
#define LIMIT_WAIVERS 100000
/* findings of a run */
#define LIMIT_FINDINGS 20000000

/* Signing */
/* bytes of an attestation file */
#define LIMIT_ENVELOPE_BYTES (64u << 20)
/* bytes of a statement: in base64 it fits an attestation file */
#define LIMIT_STATEMENT_BYTES (45u << 20)
/* JSON values around a payload; a bundle with log entries has about 100 */
#define LIMIT_ENVELOPE_VALUES 4096
/* signatures of an envelope */
#define LIMIT_SIGNATURES 64
/* bytes of a simple signing payload: a few hundred, with annotations some KiB */
#define LIMIT_SIMPLE_SIGNING_BYTES (1u << 20)
/* files that the signature of a model leaves out by name */
#define LIMIT_SIGNATURE_LEFT_OUT 1000
/* bytes of the signature of a model: about 150 a file */
#define LIMIT_MODEL_SIGNATURE_BYTES (16u << 20)
/* subjects of a statement */
#define LIMIT_SUBJECTS 4096
/* bytes of a key file */
#define LIMIT_KEY_BYTES (64u << 10)

/* Reports */
/* bytes of one part of a report while it is made */
#define LIMIT_REPORT_BYTES (1u << 30)
/* bytes of one report or verdict document as it is written: a finding is 1 to 3 KB of JSON */
#define LIMIT_OUTPUT_BYTES ((size_t)16 << 30)
#endif
